import type { PolicyDiagnostic } from "../error.ts";

/** What `lintPolicies` looks for. */
export type LintId =
  | "constant_guard"
  | "dead_guarded_deny"
  | "mixed_in_equality"
  | "month_or_year"
  | "non_ascii_identifier"
  | "not_before_comparison"
  | "string_ordering"
  | "unaffirmable_require"
  | "unknown_function"
  | "unknown_operation"
  | "unknown_root"
  | "unreachable_allow"
  | "wildcard_allow";

/** A rule that is sound but does not do what it seems to. */
export interface LintFinding extends PolicyDiagnostic {
  readonly id: LintId;
  readonly severity: "error" | "warning";
}

/** Takes note of a finding at an offset of one file. */
export type Report = (id: LintId, at: number, message: string, hint?: string) => void;
