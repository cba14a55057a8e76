import type { AuditReceipt, AuditRecord, AuditSink, JsonObject } from "@symbiont/kit";
import type { ApprovalEntry, ApprovalVote } from "./approval-entry.ts";
import { ApprovalError } from "./approval-error.ts";

const OUTCOMES: Readonly<Record<ApprovalEntry["status"], AuditRecord["outcome"]>> = {
  pending: "attempt",
  approved: "success",
  denied: "denied",
  expired: "denied",
  cancelled: "denied",
};

/** Writes what happens to entries into the journal. */
export class ApprovalTrail {
  readonly #sink: AuditSink | undefined;

  constructor(sink: AuditSink | undefined) {
    this.#sink = sink;
  }

  /**
   * Records the state of an entry: `approval.pending`, `.approved`, `.denied`, `.expired`, `.cancelled`.
   * @throws ApprovalError `APPROVAL_NOT_RECORDED`
   */
  async state(entry: ApprovalEntry): Promise<void> {
    const { status, role, expiresAt, quorum } = entry;
    const { kind, id } = entry.principal;
    await this.#append(`approval.${status}`, OUTCOMES[status], { kind, id }, entry, {
      role,
      quorum,
      expiresAt,
      approvers: entry.votes.map(({ approver, verdict }) => `${verdict}:${approver}`),
    });
  }

  /**
   * Records a vote before it counts.
   * @throws ApprovalError `APPROVAL_NOT_RECORDED`
   */
  async vote(entry: ApprovalEntry, { approver, verdict, channel, reason }: ApprovalVote): Promise<void> {
    const data = { verdict, channel, ...(reason === undefined ? {} : { reason }) };
    await this.#append("approval.vote", "attempt", { kind: "user", id: approver }, entry, data);
  }

  /** Records that an approval was used up, before anybody acts on it. @throws ApprovalError `APPROVAL_NOT_RECORDED` */
  async used(entry: ApprovalEntry): Promise<void> {
    const { kind, id } = entry.principal;
    await this.#append("approval.used", "success", { kind, id }, entry, {});
  }

  /** Records that a way to tell people failed; never rejects. */
  async notNotified(entry: ApprovalEntry, notifier: string): Promise<void> {
    const actor = { kind: "system", id: notifier } as const;
    await this.#append("approval.not_notified", "failure", actor, entry, {}).catch(() => undefined);
  }

  async #append(
    type: string,
    outcome: AuditRecord["outcome"],
    actor: AuditRecord["actor"],
    { id, action, actionHash }: ApprovalEntry,
    data: JsonObject,
  ): Promise<AuditReceipt | undefined> {
    try {
      const resource = { kind: "approval", id };
      return await this.#sink?.append({
        type,
        outcome,
        actor,
        action,
        resource,
        data: { actionHash, ...data },
      });
    } catch (cause) {
      const message = "what happened to the approval could not be recorded";
      throw new ApprovalError("APPROVAL_NOT_RECORDED", message, { cause, retryable: true });
    }
  }
}
