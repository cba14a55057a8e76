import type { EntryProblem, EntryProblemCode } from "../../snapshot/entry-problem.ts";
import { type Finding, makeFinding } from "../finding.ts";
import type { Confidence, Severity } from "../scan-rule.ts";

const ENTRY_WHY: Readonly<Record<EntryProblemCode, string>> = {
  symlink: "a link, which leads to what was not looked at",
  "special-file": "a pipe, a socket or a device",
  "hard-link": "a file that has another name, which may be changed through it",
  "mode-bits": "a file that runs with another user's rights",
  "name-encoding": "a name that is not Unicode",
  "name-not-nfc": "a name that file systems store differently",
  "name-hidden": "a name with characters that nobody sees",
  "name-reserved": "a name that some file systems do not have",
  "name-edge": "a name that some file systems shorten",
  "name-case": "two names that are one on many machines",
  "nested-signature": "a signature file where none belongs, which signatures pass over",
  "empty-directory": "an empty folder",
  unreadable: "it could not be read",
  "too-large": "it is too large to be looked at",
  "too-many": "there is too much to be looked at",
  "too-deep": "folders are nested too deep to be looked at",
  excluded: "it was left out on request",
};

/** What keeps a file from being looked at, or makes it doubtful. */
export type CoverageGap = "executable" | "bytecode" | "archive" | "binary" | "encoding" | "disguise";

const GAPS: Readonly<
  Record<CoverageGap, { readonly severity: Severity; readonly confidence: Confidence; readonly why: string }>
> = {
  executable: {
    severity: "critical",
    confidence: "medium",
    why: "a program in machine code, which was not looked into",
  },
  bytecode: { severity: "critical", confidence: "medium", why: "compiled code, which was not looked into" },
  archive: { severity: "high", confidence: "medium", why: "an archive, which was not looked into" },
  binary: {
    severity: "high",
    confidence: "medium",
    why: "bytes of an unknown kind, which were not looked into",
  },
  encoding: { severity: "high", confidence: "medium", why: "text in an encoding that it does not declare" },
  disguise: {
    severity: "critical",
    confidence: "high",
    why: "it begins like a picture and is called otherwise",
  },
};

/** A finding about an entry that the folder may not hold. */
export function entryFinding({ code, path, weight }: EntryProblem): Finding {
  const isRefused = weight === "refuse";
  return makeFinding({
    ruleId: `coverage.${code}`,
    severity: isRefused ? "high" : "low",
    confidence: isRefused ? "high" : "low",
    file: path,
    view: "raw",
    found: path,
    why: [ENTRY_WHY[code]],
  });
}

/** A finding about a file that could not be looked at as text. */
export function gapFinding(gap: CoverageGap, file: string): Finding {
  const { severity, confidence, why } = GAPS[gap];
  return makeFinding({
    ruleId: `coverage.${gap}`,
    severity,
    confidence,
    file,
    view: "raw",
    found: file,
    why: [why],
  });
}
