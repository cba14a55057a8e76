import { sha256Hex } from "@symbiont/keys/sha256";
import {
  canonicalJson,
  type Decision,
  type DecisionPoint,
  frozenCopy,
  type JsonValue,
  type Principal,
} from "@symbiont/kit";
import { approve } from "./approve.ts";
import { withDeadline } from "./deadline.ts";
import { type Denial, deny, isDenied } from "./denial.ts";
import type { GateOptions } from "./gate-options.ts";
import type { Verified } from "./stage.ts";

/** What policy, and where it asked a person, made of a call. */
export interface Judgement {
  readonly decision: Decision;
  /** What the audit record may show of the arguments. */
  readonly recorded: JsonValue;
  /** Set when the call is refused. */
  readonly refusal?: Denial;
}

/**
 * Stage four: does policy allow exactly this, and where it asks, has the right person approved exactly this?
 * A person cannot override a denial: after an approval the policy is asked again.
 */
export async function authorize(
  options: GateOptions,
  {
    stageTimeoutMs,
    approvalTimeoutMs,
  }: { readonly stageTimeoutMs: number; readonly approvalTimeoutMs: number },
  verified: Verified,
): Promise<Judgement | Denial> {
  const recorded = record(options, verified);
  const ask = async (approvals: readonly string[]): Promise<Decision | Denial> =>
    withDeadline({ name: "policy", timeoutMs: stageTimeoutMs, signal: verified.call.signal }, async () =>
      decide(options.policy, verified, approvals),
    );
  const decision = await ask([]);
  if (isDenied(decision)) return decision;
  if (decision.effect === "allow") return { decision, recorded };
  if (decision.effect !== "ask" || decision.role === undefined)
    return { decision, recorded, refusal: refuse(decision) };

  const question = { role: decision.role, recorded, decision };
  const refusal = await approve(options, approvalTimeoutMs, verified, question);
  if (refusal !== undefined) return { decision, recorded, refusal };
  const held = await withDeadline(
    { name: "renewed", timeoutMs: stageTimeoutMs, signal: verified.call.signal },
    async () => checkAgain(options, verified),
  );
  if (isDenied(held)) return { decision, recorded, refusal: held };
  const second = await ask([decision.role]);
  if (isDenied(second)) return second;
  return second.effect === "allow"
    ? { decision: second, recorded }
    : { decision: second, recorded, refusal: refuse(second) };
}

/** People take their time: in the meantime the tool may have changed, and the caller lost the right to act. */
async function checkAgain({ tools, identity }: GateOptions, verified: Verified): Promise<Verified | Denial> {
  const { call, principal } = verified;
  const tool = await tools.check(call.tool, call.server);
  if (tool?.digest !== verified.tool.digest)
    return deny("GATE_TOOL_NOT_VERIFIED", "the tool changed while it was being approved");
  if (!("verifier" in identity) || identity.verifier.recheck === undefined) return verified;
  let current: Principal;
  try {
    current = await identity.verifier.recheck(call.credential ?? "", identity.audience);
  } catch {
    return deny("GATE_IDENTITY_REFUSED", "the credential is not valid any more");
  }
  return canonicalJson(frozenCopy(current)) === canonicalJson(principal)
    ? verified
    : deny("GATE_IDENTITY_REFUSED", "the credential is not what it was when it was verified");
}

async function decide(
  policy: DecisionPoint,
  verified: Verified,
  approvals: readonly string[],
): Promise<Decision> {
  const { call, principal, tool } = verified;
  const decision = await policy.decide({
    principal,
    action: tool.definition.name,
    resource: { kind: "tool", id: `${call.server}/${tool.definition.name}` },
    context: { ...call.context, args: verified.arguments, server: call.server },
    approvals,
  });
  // Neither counts nor can be recorded: no decision.
  if (!isDecision(decision)) throw new TypeError("the policy gave no decision");
  return decision;
}

/** Whatever effect it has: one that is not known denies, with this code. */
function isDecision({ code, reason, rules }: Decision): boolean {
  return (
    typeof code === "string" &&
    typeof reason === "string" &&
    Array.isArray(rules) &&
    rules.every((rule: unknown) => typeof rule === "string")
  );
}

function refuse({ effect, code, reason }: Decision): Denial {
  if (effect === "ask")
    return deny("GATE_APPROVAL_UNAVAILABLE", "the call needs an approval that nobody can give");
  return Object.freeze({ denied: true, code, reason, retryable: false });
}

/** The arguments redacted by the tool's schema, or only their digest. */
function record({ redactor }: GateOptions, { arguments: checked, tool }: Verified): JsonValue {
  if (redactor === undefined) return { sha256: sha256Hex(canonicalJson(checked)) };
  return redactor.redact(checked, tool.definition.inputSchema);
}
