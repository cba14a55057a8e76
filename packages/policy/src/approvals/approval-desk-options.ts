import type { AuditSink, Clock } from "@symbiont/kit";
import type { ApprovalNotifier } from "./approval-notifier.ts";
import type { ApproverRole } from "./approval-rules.ts";
import type { ApprovalStore } from "./approval-store.ts";

/** Options of `ApprovalDesk`. */
export interface ApprovalDeskOptions {
  /** Where questions and answers are kept. */
  readonly store: ApprovalStore;
  /** Who may approve, by role; a role that is not here cannot be asked. */
  readonly roles: Readonly<Record<string, ApproverRole>>;
  /** Where every step is recorded, those that nobody took too; or the decision not to. */
  readonly audit: AuditSink | "none";
  /** Ways to tell people. Default none: they have to look. */
  readonly notifiers?: readonly ApprovalNotifier[];
  /** Most questions open at once. Default 1,000. */
  readonly maxPending?: number;
  /** Most questions open at once for one principal, so that none can keep all others from asking. Default 100. */
  readonly maxPendingPerPrincipal?: number;
  /** Longest time for an answer, in milliseconds, however late the deadline is that somebody asks for. Default 24 hours. */
  readonly maxWaitMs?: number;
  /** Milliseconds between two looks at the store, for answers that other processes took. Default 500. */
  readonly pollMs?: number;
  /** How long resolved questions are kept, in milliseconds. Default 7 days. */
  readonly retentionMs?: number;
  /** Default the system's. */
  readonly clock?: Clock;
}

/** The options with their defaults. */
export type ResolvedDeskOptions = Required<Omit<ApprovalDeskOptions, "roles" | "audit">> & {
  readonly roles: ReadonlyMap<string, ApproverRole>;
};

const DAY_MS = 86_400_000;

/** @throws RangeError for an option that makes no sense. */
export function resolveDeskOptions(options: ApprovalDeskOptions): ResolvedDeskOptions {
  const { notifiers = [], maxPending = 1000, maxPendingPerPrincipal = 100, maxWaitMs = DAY_MS } = options;
  const { pollMs = 500, retentionMs = 7 * DAY_MS, clock = Date, store } = options;
  for (const [name, value] of Object.entries({
    maxPending,
    maxPendingPerPrincipal,
    maxWaitMs,
    pollMs,
    retentionMs,
  })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1`);
  }
  const roles = new Map(Object.entries(options.roles));
  for (const [role, { approvers, quorum = 1 }] of roles) {
    if (new Set(approvers).size !== approvers.length)
      throw new RangeError(`roles.${role}.approvers must hold nobody twice`);
    if (!Number.isSafeInteger(quorum) || quorum < 1 || quorum > approvers.length)
      throw new RangeError(`roles.${role}.quorum must be from 1 to the number of approvers`);
  }
  return {
    store,
    roles,
    notifiers,
    maxPending,
    maxPendingPerPrincipal,
    maxWaitMs,
    pollMs,
    retentionMs,
    clock,
  };
}
