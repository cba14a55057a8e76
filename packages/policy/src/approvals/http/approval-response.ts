import type { JsonObject } from "@symbiont/kit";
import type { ApprovalEntry } from "../approval-entry.ts";
import type { ApprovalErrorCode } from "../approval-error.ts";

/** Status and name of each refusal; what is not here is not the caller's fault. */
export const STATUS: Readonly<Partial<Record<ApprovalErrorCode, readonly [number, string]>>> = {
  APPROVAL_NOT_FOUND: [404, "not_found"],
  APPROVAL_ALREADY_RESOLVED: [409, "already_resolved"],
  APPROVAL_ALREADY_VOTED: [409, "already_voted"],
  APPROVAL_WRONG_ACTION: [409, "wrong_action"],
  APPROVAL_EXPIRED: [410, "expired"],
  APPROVAL_NOT_ALLOWED: [403, "forbidden"],
  APPROVAL_REASON_REQUIRED: [400, "reason_required"],
};

/** A refusal. `error` says in the words of HTTP what `code` says in ours. */
export function problem(
  status: number,
  error: string,
  code?: ApprovalErrorCode,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { error, ...(code === undefined ? {} : { code }) };
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

/** An entry as approvers see it. */
export function showEntry(entry: ApprovalEntry): JsonObject {
  const { id, status, actionHash, role, quorum, principal, action, summary } = entry;
  const votes = entry.votes.map(({ approver, verdict }) => ({ approver, verdict }));
  return {
    id,
    status,
    action_hash: actionHash,
    role,
    quorum,
    principal: { ...principal },
    action,
    summary,
    created_at: entry.createdAt,
    expires_at: entry.expiresAt,
    votes,
  };
}
