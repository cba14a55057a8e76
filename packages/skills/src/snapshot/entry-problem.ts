/** What is wrong with an entry of a skill folder. */
export type EntryProblemCode =
  | "symlink"
  | "special-file"
  | "hard-link"
  | "mode-bits"
  | "name-encoding"
  | "name-not-nfc"
  | "name-hidden"
  | "name-reserved"
  | "name-edge"
  | "name-case"
  | "nested-signature"
  | "empty-directory"
  | "unreadable"
  | "too-large"
  | "too-many"
  | "too-deep"
  | "excluded";

/** An entry that is not what a skill may hold. */
export interface EntryProblem {
  readonly code: EntryProblemCode;
  /** Relative to the skill, escaped where it cannot be shown as it is. */
  readonly path: string;
  /** `refuse`: nothing of the skill may be used. `warn`: it is only told. */
  readonly weight: "refuse" | "warn";
}

const WARNINGS: ReadonlySet<EntryProblemCode> = new Set<EntryProblemCode>([
  "hard-link",
  "empty-directory",
  "excluded",
]);

/** Makes a problem of an entry. */
export function entryProblem(code: EntryProblemCode, path: string): EntryProblem {
  return { code, path, weight: WARNINGS.has(code) ? "warn" : "refuse" };
}
