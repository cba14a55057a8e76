import type { JsonValue, Principal } from "@symbiont/kit";

/** Where an entry is in its life. Only `pending` can change, once. */
export type ApprovalStatus = "pending" | "approved" | "denied" | "expired" | "cancelled";

/** What one approver said. */
export interface ApprovalVote {
  readonly approver: string;
  readonly verdict: "approve" | "deny";
  /** Way the vote came in, for example `http`. */
  readonly channel: string;
  readonly reason?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** One question to people and what became of it. */
export interface ApprovalEntry {
  /** 32 hexadecimal digits; hard to guess, and no secret. */
  readonly id: string;
  /** 1 at first; every change adds 1. */
  readonly version: number;
  readonly status: ApprovalStatus;
  /** `sha256:<hex>` of the action that the approval is for. */
  readonly actionHash: string;
  readonly role: string;
  /** How many different approvers are needed. */
  readonly quorum: number;
  /** Who wants to act. */
  readonly principal: { readonly kind: Principal["kind"]; readonly id: string };
  readonly action: string;
  /** Arguments, redacted before they came here. */
  readonly summary: JsonValue;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds from which on no vote counts and no approval is good. */
  readonly expiresAt: number;
  readonly votes: readonly ApprovalVote[];
  /** When the status ceased to be pending, in epoch milliseconds. */
  readonly resolvedAt?: number;
  /** When the approval was used up, in epoch milliseconds. */
  readonly usedAt?: number;
}
