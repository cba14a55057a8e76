import {
  type CompilePoliciesOptions,
  compilePolicies,
  type PolicyDecision,
  type PolicyRequest,
  parsePolicies,
} from "@symbiont/policy";

/** Parses, compiles and evaluates in one go; a bare rule list is put into a block named p. */
export function decide(
  policy: string,
  request: Partial<PolicyRequest> = {},
  options: CompilePoliciesOptions = {},
): PolicyDecision {
  const source = policy.includes("policy ") ? policy : `policy p {\n${policy}\n}`;
  return compilePolicies([parsePolicies(source)], options).evaluate({ op: "read", ...request });
}

/** Whether `condition` allows: true, false, or "error". */
export function judge(
  condition: string,
  scope: Readonly<Record<string, unknown>> = {},
  options: CompilePoliciesOptions = {},
): boolean | "error" {
  const { code } = decide(`allow: read if ${condition}`, { scope }, options);
  return code === "allow.rule" ? true : code === "default" ? false : "error";
}
