import type { AuditRecord, Decision, Principal, ToolFinding } from "@symbiont/kit";
import { excerpt, isWellFormed, SymbiontError } from "@symbiont/kit";
import type { Judgement } from "./authorize.ts";
import type { Denial } from "./denial.ts";
import type { Authorized, ToolCall, Verified } from "./stage.ts";

const LONGEST_NAME = 256;
const WORD = /^[\w.-]{1,64}$/;
const ANONYMOUS: Principal = { kind: "agent", id: "unidentified" };

/** The record that a call is about to run. */
export function intentRecord(
  { call, principal, tool }: Verified,
  { decision, recorded }: Judgement,
): AuditRecord {
  return {
    type: "tool.call",
    outcome: "attempt",
    actor: actorOf(principal),
    action: actionOf(call),
    resource: resourceOf(call),
    policy: policyOf(decision),
    data: { call: shown(call.id), digest: tool.digest, args: recorded },
  };
}

/** The record of how a call ended. */
export function outcomeRecord(
  { call, principal, intent }: Authorized,
  durationMs: number,
  failure: { readonly error: unknown } | undefined,
): AuditRecord {
  const record = {
    type: "tool.call",
    actor: actorOf(principal),
    action: actionOf(call),
    resource: resourceOf(call),
    attempt: intent,
    data: { call: shown(call.id), ms: Math.round(durationMs * 1000) / 1000 },
  };
  if (failure === undefined) return { ...record, outcome: "success" };
  return { ...record, outcome: "failure", error: errorOf(failure.error) };
}

/** The record of a refusal, at whatever stage. */
export function denialRecord(
  call: ToolCall,
  principal: Principal | undefined,
  { code }: Denial,
  { decision, intent }: { readonly decision?: Decision; readonly intent?: number } = {},
): AuditRecord {
  return {
    type: "tool.call",
    outcome: "denied",
    actor: actorOf(principal ?? ANONYMOUS),
    action: actionOf(call),
    resource: resourceOf(call),
    ...(intent === undefined ? {} : { attempt: intent }),
    ...(decision === undefined ? {} : { policy: policyOf(decision) }),
    error: { name: "Denial", code },
    data: { call: shown(call.id) },
  };
}

/** The record of a tool that was kept from the model, or shown with a warning. */
export function findingRecord(server: string, { tool, action, code }: ToolFinding): AuditRecord {
  return {
    type: "tool.verify",
    outcome: action === "block" ? "denied" : "info",
    actor: { kind: "service", id: server },
    resource: { kind: "tool", id: shown(`${server}/${tool}`) },
    error: { name: "ToolFinding", code },
  };
}

function actorOf({ kind, id }: Principal): AuditRecord["actor"] {
  return { kind, id };
}

function actionOf({ tool }: ToolCall): string {
  return shown(`tool_call::${tool}`);
}

function resourceOf({ server, tool }: ToolCall): NonNullable<AuditRecord["resource"]> {
  return { kind: "tool", id: shown(`${server}/${tool}`) };
}

/** Names come from models and servers, and none may be so long or so broken that its record is refused. */
function shown(name: string): string {
  return name.length <= LONGEST_NAME && isWellFormed(name) ? name : excerpt(name, LONGEST_NAME);
}

function policyOf({ engine, policySet, rules, code }: Decision): NonNullable<AuditRecord["policy"]> {
  return { engine: engine ?? "unnamed", set: policySet ?? "unhashed", rules, code };
}

/** Names a foreign error without its message, which may hold anything; its name and code only where they are words. */
function errorOf(error: unknown): NonNullable<AuditRecord["error"]> {
  try {
    const name = error instanceof Error ? error.name : typeof error;
    const code = SymbiontError.is(error) ? error.code : "TOOL_FAILED";
    if (isWord(name) && isWord(code)) return { name, code };
  } catch {
    // Even a name can be a getter that throws.
  }
  return { name: "Error", code: "TOOL_FAILED" };
}

function isWord(text: unknown): boolean {
  return typeof text === "string" && WORD.test(text);
}
