import type { AuditRecord, Decision, Principal, ToolFinding } from "@symbiont/kit";
import { SymbiontError } from "@symbiont/kit";
import type { Judgement } from "./authorize.ts";
import type { Denial } from "./denial.ts";
import type { Authorized, ToolCall, Verified } from "./stage.ts";

const ANONYMOUS: Principal = { kind: "agent", id: "unidentified" };

/** The record that a call is about to run. */
export function intentRecord(
  { call, principal, tool }: Verified,
  { decision, recorded }: Judgement,
): AuditRecord {
  return {
    ...about(call, principal),
    outcome: "attempt",
    policy: policyOf(decision),
    data: { call: call.id, digest: tool.digest, args: recorded },
  };
}

/** The record of how a call ended. */
export function outcomeRecord(
  { call, principal, intent }: Authorized,
  durationMs: number,
  failure: { readonly error: unknown } | undefined,
): AuditRecord {
  return {
    ...about(call, principal),
    outcome: failure === undefined ? "success" : "failure",
    attempt: intent,
    ...(failure === undefined ? {} : { error: errorOf(failure.error) }),
    data: { call: call.id, ms: Math.round(durationMs * 1000) / 1000 },
  };
}

/** The record of a refusal, at whatever stage. */
export function denialRecord(
  call: ToolCall,
  principal: Principal | undefined,
  { code }: Denial,
  decision?: Decision,
): AuditRecord {
  return {
    ...about(call, principal ?? ANONYMOUS),
    outcome: "denied",
    ...(decision === undefined ? {} : { policy: policyOf(decision) }),
    error: { name: "Denial", code },
    data: { call: call.id },
  };
}

/** The record of a tool that was kept from the model, or shown with a warning. */
export function findingRecord(server: string, { tool, action, code }: ToolFinding): AuditRecord {
  return {
    type: "tool.verify",
    outcome: action === "block" ? "denied" : "info",
    actor: { kind: "service", id: server },
    resource: { kind: "tool", id: `${server}/${tool}` },
    error: { name: "ToolFinding", code },
  };
}

function about(
  call: ToolCall,
  principal: Principal,
): Pick<AuditRecord, "type" | "actor" | "action" | "resource"> {
  return {
    type: "tool.call",
    actor: { kind: principal.kind, id: principal.id },
    action: `tool_call::${call.tool}`,
    resource: { kind: "tool", id: `${call.server}/${call.tool}` },
  };
}

function policyOf({ engine, policySet, rules, code }: Decision): NonNullable<AuditRecord["policy"]> {
  return { engine: engine ?? "unnamed", set: policySet ?? "unhashed", rules, code };
}

/** Names a foreign error without its message, which may hold anything. */
function errorOf(error: unknown): NonNullable<AuditRecord["error"]> {
  if (SymbiontError.is(error)) return { name: error.name, code: error.code };
  return { name: error instanceof Error ? error.name : typeof error, code: "TOOL_FAILED" };
}
