export { ApprovalDesk } from "./approval-desk.ts";
export type { ApprovalDeskOptions } from "./approval-desk-options.ts";
export type { ApprovalEntry, ApprovalStatus, ApprovalVote } from "./approval-entry.ts";
export { ApprovalError, type ApprovalErrorCode } from "./approval-error.ts";
export type { ApprovalNotifier } from "./approval-notifier.ts";
export type { ApproverRole } from "./approval-rules.ts";
export type { ApprovalStore, PendingQuery } from "./approval-store.ts";
export { describeApproval, shortHash } from "./describe-approval.ts";
export { MemoryApprovalStore } from "./memory-approval-store.ts";
