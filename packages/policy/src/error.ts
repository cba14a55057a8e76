import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why policy text was refused. */
export type PolicyErrorCode = "POLICY_SYNTAX" | "POLICY_TOO_LARGE" | "POLICY_INVALID";

/** One thing that is wrong with a policy file. */
export interface PolicyDiagnostic {
  /** Name of the file, as given to the parser. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** Column in UTF-16 code units, from 1. */
  readonly column: number;
  readonly message: string;
  /** What to write instead, when it is known. */
  readonly hint?: string;
}

/**
 * Error of `@symbiont/policy`. `POLICY_SYNTAX`: the text is not in the language. `POLICY_TOO_LARGE`: a limit
 * was passed. `POLICY_INVALID`: the text parses, but a rule can have no meaning.
 */
export class PolicyError extends SymbiontError<PolicyErrorCode> {
  /** What is wrong and where, in the order of the files and their text; at least one, at most 20. */
  readonly diagnostics: readonly PolicyDiagnostic[];

  constructor(
    code: PolicyErrorCode,
    diagnostics: readonly PolicyDiagnostic[],
    options: SymbiontErrorOptions = {},
  ) {
    super(code, summarize(diagnostics), options);
    this.diagnostics = diagnostics;
  }
}

function summarize(diagnostics: readonly PolicyDiagnostic[]): string {
  const first = diagnostics[0];
  if (first === undefined) return "policy is refused";
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
  return `${first.file}:${first.line}:${first.column}: ${first.message}${more}`;
}
