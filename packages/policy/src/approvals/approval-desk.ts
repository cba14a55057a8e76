import { type Approval, type ApprovalRequest, type Approver, encodeHex } from "@symbiont/kit";
import {
  type ApprovalDeskOptions,
  type ResolvedDeskOptions,
  resolveDeskOptions,
} from "./approval-desk-options.ts";
import type { ApprovalEntry, ApprovalVote } from "./approval-entry.ts";
import { ApprovalError } from "./approval-error.ts";
import { type ApproverRole, assertApprover, castVote, close, useUp } from "./approval-rules.ts";
import { ApprovalTrail } from "./approval-trail.ts";
import { ApprovalWaiters } from "./approval-waiters.ts";
import { aborted, awaitResolution } from "./await-resolution.ts";

/** Changes that were overtaken are tried again this often. */
const ATTEMPTS = 8;
const PAGE = 100;
/** A gate's own timer may give up this much before the deadline; that is a question out of time, not withdrawn. */
const EARLY_MS = 100;

/**
 * Asks people, and keeps their answers. The approver of a gate: what it gives counts for one action hash, for one
 * role, once, and until its deadline. Each step is recorded before it counts; time that runs out is recorded too.
 */
export class ApprovalDesk implements Approver {
  readonly #options: ResolvedDeskOptions;
  readonly #trail: ApprovalTrail;
  readonly #waiters = new ApprovalWaiters();
  readonly #closed = new AbortController();
  /** Who is about to put a question: the store does not count it yet. */
  readonly #putting = new Set<ApprovalEntry["principal"]>();

  /** @throws RangeError for an option that makes no sense. */
  constructor(options: ApprovalDeskOptions) {
    this.#options = resolveDeskOptions(options);
    this.#trail = new ApprovalTrail(options.audit === "none" ? undefined : options.audit);
  }

  /**
   * Puts a question and waits for the answer.
   * @throws ApprovalError `APPROVAL_ROLE_UNKNOWN`, `APPROVAL_QUEUE_FULL`, `APPROVAL_EXPIRED`, `APPROVAL_CANCELLED`
   * (the signal), `APPROVAL_NOT_RECORDED`, `APPROVAL_CLOSED`, and what the store throws.
   */
  async ask(request: ApprovalRequest, signal: AbortSignal): Promise<Approval> {
    const entry = await this.submit(request);
    try {
      return await this.wait(entry.id, request.actionHash, signal);
    } catch (error) {
      // A gate has a timer for the same deadline. It is the one to say that time is over, so it is let go first.
      if (ApprovalError.is(error) && error.code === "APPROVAL_EXPIRED") await aborted(signal, EARLY_MS);
      throw error;
    }
  }

  /**
   * Puts a question without waiting. Keep the id and the action hash to `wait` later, in this process or another.
   * @throws ApprovalError as {@link ask}.
   * @throws RangeError for a deadline that is no number.
   */
  async submit(request: ApprovalRequest): Promise<ApprovalEntry> {
    const { kind, id } = request.principal;
    const principal = { kind, id };
    const all = this.#putting.size;
    const theirs = [...this.#putting].filter((other) => other.kind === kind && other.id === id).length;
    this.#assertRoom(all, theirs); // whoever is refused here takes no place from others
    this.#putting.add(principal);
    try {
      return await this.#submit(request, principal, { all, theirs });
    } finally {
      this.#putting.delete(principal);
    }
  }

  async #submit(
    { actionHash, role, action, summary, deadline }: ApprovalRequest,
    principal: ApprovalEntry["principal"],
    ahead: { readonly all: number; readonly theirs: number },
  ): Promise<ApprovalEntry> {
    const { store, maxWaitMs, notifiers } = this.#options;
    if (!Number.isFinite(deadline)) throw new RangeError("deadline must be a number of milliseconds");
    const { quorum = 1 } = this.#role(role);
    await this.sweep();
    const all = (await store.countPending()) + ahead.all;
    this.#assertRoom(all, (await store.countPending(principal)) + ahead.theirs);
    const now = this.#now();
    const entry: ApprovalEntry = {
      id: encodeHex(crypto.getRandomValues(new Uint8Array(16))),
      version: 1,
      status: "pending",
      actionHash,
      role,
      quorum,
      principal,
      action,
      summary,
      createdAt: now,
      expiresAt: Math.min(Math.floor(deadline), now + maxWaitMs),
      votes: [],
    };
    await this.#trail.state(entry);
    await store.put(entry, { ifVersion: 0 });
    if (notifiers.length > 0) void this.#notify(entry).catch(() => undefined);
    return entry;
  }

  /**
   * Waits for the answer to a question and uses it up.
   * @returns the approval, or what says that it was denied.
   * @throws ApprovalError as {@link ask}, and `APPROVAL_NOT_FOUND`, `APPROVAL_WRONG_ACTION`, `APPROVAL_USED`.
   */
  async wait(id: string, actionHash: string, signal: AbortSignal): Promise<Approval> {
    const pending = await this.#get(id);
    const outcome = await this.#resolution(pending, AbortSignal.any([signal, this.#closed.signal]));
    if (this.#closed.signal.aborted) throw new ApprovalError("APPROVAL_CLOSED", "the desk is closed");
    const entry = outcome === "expired" || outcome === "aborted" ? await this.#end(id, outcome) : outcome;
    const { role, votes, expiresAt } = entry;
    const approver = votes.map((vote) => vote.approver).join(", ");
    if (entry.status === "expired") throw new ApprovalError("APPROVAL_EXPIRED", "nobody answered in time");
    if (entry.status === "cancelled")
      throw new ApprovalError("APPROVAL_CANCELLED", "nobody needs the answer any more");
    if (entry.status === "denied") return { approved: false, actionHash, role, approver, expiresAt };
    await this.#change(id, async (current) => {
      const used = useUp(current, actionHash, this.#now());
      await this.#trail.used(used);
      return used;
    });
    return { approved: true, actionHash, role, approver, expiresAt };
  }

  /**
   * Takes a vote from somebody whom the caller has authenticated. With `actionHash`, that of the action which the approver
   * has seen, a vote for another one is refused.
   * @throws ApprovalError `APPROVAL_NOT_FOUND`, `APPROVAL_NOT_ALLOWED`, `APPROVAL_ALREADY_RESOLVED`,
   * `APPROVAL_ALREADY_VOTED`, `APPROVAL_EXPIRED`, `APPROVAL_REASON_REQUIRED`, `APPROVAL_WRONG_ACTION`,
   * `APPROVAL_NOT_RECORDED`, and what the store throws.
   */
  async vote(
    id: string,
    { actionHash, ...given }: Omit<ApprovalVote, "at"> & { readonly actionHash?: string },
  ): Promise<ApprovalEntry> {
    const voted = await this.#change(id, async (current) => {
      if (actionHash !== undefined && actionHash !== current.actionHash)
        throw new ApprovalError("APPROVAL_WRONG_ACTION", "the vote is for another action");
      const vote: ApprovalVote = { ...given, at: this.#now() };
      const next = castVote(current, vote, this.#role(current.role));
      await this.#trail.vote(current, vote);
      return next;
    });
    if (voted.status !== "pending") await this.#trail.state(voted);
    this.#waiters.tell(voted);
    return voted;
  }

  /** Withdraws a question. Nothing happens when it is answered already. */
  async cancel(id: string): Promise<void> {
    await this.#end(id, "aborted");
  }

  /** Open questions that this approver may answer, at most 100, in the order of their ids. */
  async list(approver: string): Promise<readonly ApprovalEntry[]> {
    await this.sweep();
    const entries: ApprovalEntry[] = [];
    for (let after = ""; ; ) {
      const page = await this.#options.store.pending({ after, limit: PAGE });
      entries.push(...page.filter((entry) => this.#mayApprove(entry, approver)));
      after = page.at(-1)?.id ?? "";
      if (page.length < PAGE || entries.length >= PAGE) return entries.slice(0, PAGE);
    }
  }

  /**
   * One question, for somebody who may answer it; for everybody else there is none.
   * @throws ApprovalError `APPROVAL_NOT_FOUND`
   */
  async read(id: string, approver: string): Promise<ApprovalEntry> {
    const entry = await this.#get(id);
    if (!this.#mayApprove(entry, approver)) throw notFound();
    return entry;
  }

  /** Expires what is overdue, and forgets what is long over. Runs by itself before each question and each list. */
  async sweep(): Promise<void> {
    const { store, clock, retentionMs } = this.#options;
    const now = clock.now();
    for (let after = ""; ; ) {
      const overdue = await store.pending({ expiresUntil: now, after, limit: PAGE });
      for (const { id } of overdue) await this.#end(id, "expired");
      after = overdue.at(-1)?.id ?? "";
      if (overdue.length < PAGE) break;
    }
    await store.prune(now - retentionMs);
  }

  /** Ends every wait of this process with `APPROVAL_CLOSED`; the questions stay open. */
  close(): void {
    this.#closed.abort();
  }

  /** Tells people, and tells the messengers when it is over. */
  async #notify(entry: ApprovalEntry): Promise<void> {
    const settled = new AbortController();
    for (const notifier of this.#options.notifiers) {
      // Nobody waits for a messenger, and nobody dies with one.
      void (async () => notifier.notify(entry, settled.signal))().catch(async () =>
        this.#trail.notNotified(entry, notifier.name),
      );
    }
    const outcome = await this.#resolution(entry, this.#closed.signal);
    settled.abort();
    if (outcome === "expired") await this.#end(entry.id, outcome);
  }

  async #resolution(
    entry: ApprovalEntry,
    signal: AbortSignal,
  ): Promise<ApprovalEntry | "expired" | "aborted"> {
    const { store, clock, pollMs } = this.#options;
    return awaitResolution(entry, {
      waiters: this.#waiters,
      read: async () => store.get(entry.id),
      signal,
      timeoutMs: entry.expiresAt - clock.now(),
      pollMs,
    });
  }

  /** Makes an open question expired or cancelled; gives what it is, whoever was faster. */
  async #end(id: string, why: "expired" | "aborted"): Promise<ApprovalEntry> {
    let isChanged = false;
    const ended = await this.#change(id, async (current) => {
      isChanged = current.status === "pending";
      if (!isChanged) return current;
      const now = this.#now();
      const isOver = why === "expired" || now >= current.expiresAt - EARLY_MS;
      return close(current, isOver ? "expired" : "cancelled", now);
    });
    if (isChanged) await this.#trail.state(ended);
    this.#waiters.tell(ended);
    return ended;
  }

  /** Changes an entry as it stands now; when somebody was faster, what they left is changed. */
  async #change(
    id: string,
    change: (current: ApprovalEntry) => Promise<ApprovalEntry>,
  ): Promise<ApprovalEntry> {
    for (let attempt = 1; ; attempt += 1) {
      const current = await this.#get(id);
      const next = await change(current);
      if (next === current) return current;
      try {
        await this.#options.store.put(next, { ifVersion: current.version });
        return next;
      } catch (error) {
        const isOvertaken = ApprovalError.is(error) && error.code === "APPROVAL_CONFLICT";
        if (!isOvertaken || attempt === ATTEMPTS) throw error;
      }
    }
  }

  #assertRoom(all: number, theirs: number): void {
    const { maxPending, maxPendingPerPrincipal } = this.#options;
    if (all >= maxPending || theirs >= maxPendingPerPrincipal)
      throw new ApprovalError("APPROVAL_QUEUE_FULL", "too many questions are open", { retryable: true });
  }

  async #get(id: string): Promise<ApprovalEntry> {
    const entry = await this.#options.store.get(id);
    if (entry === undefined) throw notFound();
    return entry;
  }

  /** Whole milliseconds, as stores keep them. */
  #now(): number {
    return Math.floor(this.#options.clock.now());
  }

  #role(name: string): ApproverRole {
    const role = this.#options.roles.get(name);
    if (role === undefined)
      throw new ApprovalError("APPROVAL_ROLE_UNKNOWN", "nobody may approve for this role");
    return role;
  }

  #mayApprove(entry: ApprovalEntry, approver: string): boolean {
    const role = this.#options.roles.get(entry.role);
    if (role === undefined) return false;
    try {
      assertApprover(entry, approver, role);
      return true;
    } catch {
      return false;
    }
  }
}

function notFound(): ApprovalError {
  return new ApprovalError("APPROVAL_NOT_FOUND", "there is no such question");
}
