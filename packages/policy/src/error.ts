import { type Decision, SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why policy text was refused, or an operation by `enforceDecision`. */
export type PolicyErrorCode =
  | "POLICY_SYNTAX"
  | "POLICY_TOO_LARGE"
  | "POLICY_INVALID"
  | "POLICY_CASES_INVALID"
  | "POLICY_DENIED"
  | "POLICY_APPROVAL_NEEDED";

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
 * was passed. `POLICY_INVALID`: the text parses, but a rule can have no meaning. `POLICY_CASES_INVALID`: a file of
 * policy cases is not one. `POLICY_DENIED`, `POLICY_APPROVAL_NEEDED`: the operation may not go on, or not yet.
 */
export class PolicyError extends SymbiontError<PolicyErrorCode> {
  /** What is wrong and where, in the order of the files and their text; at most 20. Empty for a decision. */
  readonly diagnostics: readonly PolicyDiagnostic[];
  /** The decision that does not allow; set with `POLICY_DENIED` and `POLICY_APPROVAL_NEEDED`. */
  readonly decision?: Decision;

  constructor(
    code: PolicyErrorCode,
    diagnostics: readonly PolicyDiagnostic[],
    options: SymbiontErrorOptions & { readonly decision?: Decision } = {},
  ) {
    super(code, options.decision?.reason ?? summarize(diagnostics), options);
    this.diagnostics = diagnostics;
    if (options.decision !== undefined) this.decision = options.decision;
  }
}

function summarize(diagnostics: readonly PolicyDiagnostic[]): string {
  const first = diagnostics[0];
  if (first === undefined) return "policy is refused";
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
  return `${first.file}:${first.line}:${first.column}: ${first.message}${more}`;
}
