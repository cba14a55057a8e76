import { sha256Hex } from "@symbiont/keys";
import { canonicalJson, compareCodePoints, isWellFormed } from "@symbiont/kit";
import { caseKey, nameProblem, SIGNATURE_FILE } from "./entry-name.ts";
import { type EntryProblem, entryProblem } from "./entry-problem.ts";
import { type SkillLimits, skillLimits } from "./skill-limits.ts";

/** A file of a skill, without its content. */
export interface SnapshotFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly executable: boolean;
}

/** A file with its content, as it was found. */
export interface SkillEntry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Default `false`. */
  readonly executable?: boolean;
}

/** What a snapshot is made with. */
export interface SnapshotOptions {
  /** What was found wrong before, by whoever read the entries. */
  readonly problems?: readonly EntryProblem[];
  /** Defaults as for reading a folder. */
  readonly limits?: SkillLimits;
  /** Whether it is known which files may be executed; not so over MCP. Default `true`. */
  readonly modesKnown?: boolean;
}

/**
 * Everything that a skill holds, read once. What is hashed, scanned, shown to the model and written out are the same
 * bytes; nobody can change them afterwards.
 */
export class SkillSnapshot {
  /** Name of the folder that it came from. */
  readonly directoryName: string;
  /** By path, in the order of code points; without the signature file. */
  readonly files: readonly SnapshotFile[];
  readonly problems: readonly EntryProblem[];
  /** `sha256:<hex>` over paths, sizes, digests and executable bits of all files; the signature file does not count. */
  readonly digest: string;
  /** Whether `executable` says something. */
  readonly modesKnown: boolean;
  readonly #content: ReadonlyMap<string, Uint8Array>;

  /**
   * @param directoryName name of the folder, which the skill has to be called like.
   * @param entries copied.
   */
  constructor(directoryName: string, entries: readonly SkillEntry[], options: SnapshotOptions = {}) {
    const content = new Map<string, Uint8Array>();
    const files: SnapshotFile[] = [];
    const problems = [...(options.problems ?? [])];
    for (const entry of withinLimits(entries, skillLimits(options.limits), problems)) {
      const { path, executable = false } = entry;
      const code = pathProblem(path);
      if (code !== undefined) problems.push(entryProblem(code, escapePath(path)));
      if (content.has(path)) problems.push(entryProblem("name-case", escapePath(path)));
      const bytes = entry.bytes.slice();
      content.set(path, bytes);
      if (path === SIGNATURE_FILE) continue;
      files.push(Object.freeze({ path, size: bytes.length, sha256: sha256Hex(bytes), executable }));
    }
    files.sort((a, b) => compareCodePoints(a.path, b.path));
    problems.push(...caseProblems(files));
    this.directoryName = directoryName;
    this.files = Object.freeze(files);
    this.problems = Object.freeze(problems.map((problem) => Object.freeze({ ...problem })));
    const stated = files.map(({ path, size, sha256, executable: x }) => ({ path, sha256, size, x }));
    this.digest = `sha256:${sha256Hex(canonicalJson({ v: 1, files: stated.map((file) => wellFormed(file)) }))}`;
    this.modesKnown = options.modesKnown ?? true;
    this.#content = content;
    Object.freeze(this);
  }

  /** A copy of a file's bytes; undefined when there is none of that path. */
  bytes(path: string): Uint8Array | undefined {
    return this.#content.get(path)?.slice();
  }
}

function* withinLimits(
  entries: readonly SkillEntry[],
  { maxEntries, maxFileBytes, maxTotalBytes, maxDepth }: Required<SkillLimits>,
  problems: EntryProblem[],
): Generator<SkillEntry> {
  let total = 0;
  for (const [index, entry] of entries.entries()) {
    if (index >= maxEntries) {
      problems.push(entryProblem("too-many", ""));
      return;
    }
    if (entry.bytes.length > maxFileBytes || total + entry.bytes.length > maxTotalBytes) {
      problems.push(entryProblem("too-large", escapePath(entry.path)));
    } else if (entry.path.split("/").length > maxDepth) {
      problems.push(entryProblem("too-deep", escapePath(entry.path)));
    } else {
      total += entry.bytes.length;
      yield entry;
    }
  }
}

function pathProblem(path: string): EntryProblem["code"] | undefined {
  const parts = path.split("/");
  const code = parts.map(nameProblem).find((problem) => problem !== undefined);
  if (code !== undefined) return code;
  const isNested = parts.some(
    (part, index) => caseKey(part) === SIGNATURE_FILE && !(index === 0 && path === SIGNATURE_FILE),
  );
  return isNested ? "nested-signature" : undefined;
}

/** Folders count too: `A/x` and `a/y` are in one folder on half of all machines; so do a file and a folder of one name. */
function caseProblems(files: readonly SnapshotFile[]): readonly EntryProblem[] {
  const spelled = new Map<string, string>();
  const folders = new Set<string>();
  const problems: EntryProblem[] = [];
  const see = (path: string, isFolder: boolean): void => {
    const key = caseKey(path);
    const known = spelled.get(key);
    if (known === undefined) spelled.set(key, path);
    if (known !== undefined && (known !== path || folders.has(key) !== isFolder)) {
      problems.push(entryProblem("name-case", escapePath(path)));
    }
    if (isFolder) folders.add(key);
  };
  const seenFolders = new Set<string>();
  for (const { path } of files) {
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
      const folder = path.slice(0, at);
      if (seenFolders.has(folder)) continue;
      seenFolders.add(folder);
      see(folder, true);
    }
    see(path, false);
  }
  return problems;
}

/** A path as it may be shown: with everything escaped that is not plain. */
export function escapePath(path: string): string {
  return path.replace(/[^\x20-\x5b\x5d-\x7e]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    const isLetter = /[\p{L}\p{N}]/u.test(character);
    return isLetter ? character : `\\u{${point.toString(16)}}`;
  });
}

/** A name that is not well-formed is a problem of its own; its escaped form is what can be hashed. */
function wellFormed<T extends { readonly path: string }>(file: T): T {
  return isWellFormed(file.path) ? file : { ...file, path: escapePath(file.path) };
}
