import { sha256Hex } from "@symbiont/keys/sha256";
import {
  type Approval,
  type ApprovalRequest,
  type Approver,
  canonicalJson,
  type Decision,
  type JsonValue,
  SymbiontError,
} from "@symbiont/kit";
import { withDeadline } from "./deadline.ts";
import { type Denial, deny, isDenied } from "./denial.ts";
import type { GateOptions } from "./gate-options.ts";
import type { Verified } from "./stage.ts";

const usedApprovals = new WeakSet<Approval>();

/** Codes with which an approver says no: nobody holds the role, the queue is full, the question was withdrawn, … */
const APPROVER_CODE = /^APPROVAL_[A-Z_]{1,48}$/;

/**
 * Asks a person to approve one action, and checks that the answer is for this action, by this role, in time and
 * not used before. Returns the denial when it is anything else.
 */
export async function approve(
  { approver, clock = Date }: GateOptions,
  timeoutMs: number,
  verified: Verified,
  question: { readonly role: string; readonly recorded: JsonValue; readonly decision: Decision },
): Promise<Denial | undefined> {
  if (approver === undefined) {
    return deny("GATE_APPROVAL_UNAVAILABLE", "the call needs an approval that nobody can give");
  }
  const actionHash = hashAction(verified, question.decision);
  const request = {
    call: verified.call.id,
    actionHash,
    role: question.role,
    principal: verified.principal,
    action: verified.tool.definition.name,
    summary: question.recorded,
    deadline: clock.now() + timeoutMs,
  };
  const stop = new AbortController();
  const answer = await withDeadline(
    {
      name: "approval",
      timeoutMs,
      signal: verified.call.signal,
      timedOut: "GATE_APPROVAL_TIMED_OUT",
      failed: "GATE_APPROVAL_UNAVAILABLE",
    },
    async () => answerOf(approver, request, stop.signal),
  );
  stop.abort();
  if (isDenied(answer)) return answer;
  if (answer.actionHash !== actionHash || answer.role !== question.role || usedApprovals.has(answer)) {
    return deny("GATE_APPROVAL_INVALID", "the approval is not for this call");
  }
  usedApprovals.add(answer);
  if (answer.approved !== true) return deny("GATE_APPROVAL_REFUSED", "the call was not approved");
  if (!(answer.expiresAt > clock.now())) return deny("GATE_APPROVAL_INVALID", "the approval has expired");
  return undefined;
}

/** What the approver says. A no with a code of its own keeps it: "the queue is full" is not "nobody can be asked". */
async function answerOf(
  approver: Approver,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<Approval | Denial> {
  try {
    return await approver.ask(request, signal);
  } catch (error) {
    if (!SymbiontError.is(error) || !APPROVER_CODE.test(error.code)) throw error;
    const { code, retryable } = error;
    return Object.freeze({ denied: true, code, reason: "the call was not approved", retryable });
  }
}

/** Digest of everything an approval is for: who, which tool in which version, which arguments, under which rules. */
function hashAction({ principal, call, tool, arguments: checked }: Verified, decision: Decision): string {
  const action = {
    principal: { kind: principal.kind, id: principal.id },
    call: call.id,
    server: call.server,
    tool: tool.digest,
    arguments: checked,
    policySet: decision.policySet ?? null,
  };
  return `sha256:${sha256Hex(canonicalJson(action))}`;
}
