import type { ApprovalEntry, ApprovalStatus, ApprovalVote } from "./approval-entry.ts";
import { ApprovalError } from "./approval-error.ts";

/** Who may approve for a role, and how many of them it takes. */
export interface ApproverRole {
  /** Ids of the people; whoever authenticates them vouches for the id. */
  readonly approvers: readonly string[];
  /** How many different approvers are needed. Default 1. */
  readonly quorum?: number;
  /** Whether a vote without a reason is refused. Default `false`. */
  readonly requireReason?: boolean;
}

const MAX_REASON_LENGTH = 2000;

/**
 * The entry after a vote: one denial denies, `quorum` approvals approve.
 *
 * @throws ApprovalError `APPROVAL_EXPIRED`, `APPROVAL_ALREADY_RESOLVED`, `APPROVAL_NOT_ALLOWED` (not an approver of
 * the role, or whoever wants to act), `APPROVAL_ALREADY_VOTED`, `APPROVAL_REASON_REQUIRED`.
 */
export function castVote(entry: ApprovalEntry, vote: ApprovalVote, role: ApproverRole): ApprovalEntry {
  assertApprover(entry, vote.approver, role);
  assertPending(entry, vote.at);
  if (entry.votes.some(({ approver }) => approver === vote.approver))
    throw new ApprovalError("APPROVAL_ALREADY_VOTED", "the approver has voted already");
  const reason = vote.reason?.trim().slice(0, MAX_REASON_LENGTH);
  if (role.requireReason === true && (reason === undefined || reason === ""))
    throw new ApprovalError("APPROVAL_REASON_REQUIRED", "a reason is required");
  const counted = reason === undefined ? vote : { ...vote, reason };
  const voted = { ...entry, version: entry.version + 1, votes: [...entry.votes, counted] };
  if (vote.verdict === "deny") return { ...voted, status: "denied", resolvedAt: vote.at };
  const approvals = voted.votes.filter(({ verdict }) => verdict === "approve").length;
  return approvals < entry.quorum ? voted : { ...voted, status: "approved", resolvedAt: vote.at };
}

/** The entry after nobody needs it any more, or its time is over. */
export function close(
  entry: ApprovalEntry,
  status: Extract<ApprovalStatus, "expired" | "cancelled">,
  now: number,
): ApprovalEntry {
  return { ...entry, version: entry.version + 1, status, resolvedAt: now };
}

/**
 * The entry after its approval was used.
 * @throws ApprovalError `APPROVAL_WRONG_ACTION`, `APPROVAL_ALREADY_RESOLVED` (it was not approved), `APPROVAL_USED`,
 * `APPROVAL_EXPIRED`.
 */
export function useUp(entry: ApprovalEntry, actionHash: string, now: number): ApprovalEntry {
  if (entry.actionHash !== actionHash)
    throw new ApprovalError("APPROVAL_WRONG_ACTION", "the approval is for another action");
  if (entry.status !== "approved")
    throw new ApprovalError("APPROVAL_ALREADY_RESOLVED", `the action was not approved: ${entry.status}`);
  if (entry.usedAt !== undefined)
    throw new ApprovalError("APPROVAL_USED", "the approval has been used already");
  if (now >= entry.expiresAt) throw new ApprovalError("APPROVAL_EXPIRED", "the approval has expired");
  return { ...entry, version: entry.version + 1, usedAt: now };
}

/** @throws ApprovalError `APPROVAL_NOT_ALLOWED` */
export function assertApprover(entry: ApprovalEntry, approver: string, role: ApproverRole): void {
  if (!role.approvers.includes(approver))
    throw new ApprovalError("APPROVAL_NOT_ALLOWED", "not an approver of this role");
  if (approver === entry.principal.id)
    throw new ApprovalError("APPROVAL_NOT_ALLOWED", "nobody approves their own action");
}

function assertPending({ status, expiresAt }: ApprovalEntry, now: number): void {
  if (status === "expired" || (status === "pending" && now >= expiresAt))
    throw new ApprovalError("APPROVAL_EXPIRED", "the time for an answer is over");
  if (status !== "pending")
    throw new ApprovalError("APPROVAL_ALREADY_RESOLVED", `the question has been answered: ${status}`);
}
