import type { ApprovalRequest } from "@symbiont/kit";

/** What a run that was interrupted for an approval is resumed with. */
export interface ResumedApproval {
  readonly approved: boolean;
  /** Of the request that was shown: an approval counts for that and for nothing else. */
  readonly actionHash: string;
}

/** Whether a run was resumed with the approval of exactly this request. Anything else is a refusal. */
export function isApproved(request: ApprovalRequest, answer: unknown): boolean {
  const { approved, actionHash } = (answer ?? {}) as Partial<Record<keyof ResumedApproval, unknown>>;
  return approved === true && actionHash === request.actionHash;
}
