import { SymbiontError } from "@symbiont/kit";

/** Why an approval could not be asked for, given or used. */
export type ApprovalErrorCode =
  | "APPROVAL_NOT_FOUND"
  | "APPROVAL_ALREADY_RESOLVED"
  | "APPROVAL_EXPIRED"
  | "APPROVAL_CANCELLED"
  | "APPROVAL_USED"
  | "APPROVAL_NOT_ALLOWED"
  | "APPROVAL_ALREADY_VOTED"
  | "APPROVAL_REASON_REQUIRED"
  | "APPROVAL_WRONG_ACTION"
  | "APPROVAL_ROLE_UNKNOWN"
  | "APPROVAL_QUEUE_FULL"
  | "APPROVAL_NOT_RECORDED"
  | "APPROVAL_CONFLICT"
  | "APPROVAL_STORE_UNAVAILABLE"
  | "APPROVAL_STORE_CORRUPT"
  | "APPROVAL_CLOSED";

/** Error of `@symbiont/policy/approvals`. Messages never hold arguments of an action. */
export class ApprovalError extends SymbiontError<ApprovalErrorCode> {}
