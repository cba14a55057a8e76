import type { AuditSink } from "@symbiont/kit";
import type { DecisionHandler, DomainPolicy, PinChoice, PinDecision, PinQuestion } from "./pin-decision.ts";
import type { PinId } from "./pin-store.ts";
import { pinKey } from "./pin-store.ts";
import { SchemaPinError } from "./schemapin-error.ts";

/** Who is asked, and what holds without asking. */
export interface DecisionOptions {
  /** Without it everything that would be asked is refused. */
  readonly handler?: DecisionHandler;
  /** Longest time that an answer is waited for, then it is a no. Default 60,000. */
  readonly deadlineMs?: number;
  /** By domain in lower case. Default: `default` for every one. What a person says is added for the process. */
  readonly policies?: ReadonlyMap<string, DomainPolicy>;
}

const DEFAULT_DEADLINE_MS = 60_000;
const CHOICES: readonly unknown[] = [
  "accept",
  "reject",
  "always_trust",
  "never_trust",
  "temporary_accept",
] satisfies readonly PinChoice[];
const POLICIES: readonly unknown[] = [
  "default",
  "always_trust",
  "never_trust",
  "interactive_only",
] satisfies readonly DomainPolicy[];

/** Has people decide about pins: each question once, never for longer than the deadline, and on record. */
export class PinDecisions {
  readonly #handler: DecisionHandler | undefined;
  readonly #deadlineMs: number;
  readonly #policies: Map<string, DomainPolicy>;
  readonly #audit: AuditSink | undefined;
  readonly #open = new Map<string, Promise<PinDecision>>();
  /** What was accepted for the life of the process. */
  readonly #temporary = new Set<string>();

  /** @throws RangeError, TypeError when an option is not usable. */
  constructor({ handler, deadlineMs, policies }: DecisionOptions, audit: AuditSink | undefined) {
    this.#handler = handler;
    this.#deadlineMs = deadlineMs ?? DEFAULT_DEADLINE_MS;
    if (!(this.#deadlineMs > 0 && this.#deadlineMs < 2 ** 31)) {
      throw new RangeError("deadlineMs must be a positive number");
    }
    this.#policies = new Map([...(policies ?? [])].map(([domain, policy]) => [domain.toLowerCase(), policy]));
    if (![...this.#policies.values()].every((policy) => POLICIES.includes(policy))) {
      throw new TypeError("policies must be default, always_trust, never_trust or interactive_only");
    }
    this.#audit = audit;
  }

  policy(domain: string): DomainPolicy {
    return this.#policies.get(domain.toLowerCase()) ?? "default";
  }

  get canAsk(): boolean {
    return this.#handler !== undefined;
  }

  /**
   * Asks, unless the same is being asked already.
   * @throws SchemaPinError `SCHEMAPIN_REJECTED`; whatever the audit sink throws.
   */
  async ask(id: PinId, question: PinQuestion): Promise<PinDecision> {
    const key = JSON.stringify([pinKey(id), question.newKey.fingerprint, question.digest]);
    if (this.#temporary.has(key)) return { choice: "temporary_accept" };
    let open = this.#open.get(key);
    if (open === undefined) {
      open = this.#decide(key, question).finally(() => this.#open.delete(key));
      this.#open.set(key, open);
    }
    const decision = await open;
    if (decision.choice === "reject" || decision.choice === "never_trust") {
      throw new SchemaPinError("SCHEMAPIN_REJECTED", "the change was not accepted");
    }
    return decision;
  }

  async #decide(key: string, question: PinQuestion): Promise<PinDecision> {
    const decision = await this.#answer(question);
    // On record before it has an effect.
    await this.#audit?.append({
      type: "tool.pin.decision",
      outcome: decision.choice === "reject" || decision.choice === "never_trust" ? "denied" : "success",
      actor: { kind: "user", id: decision.by ?? "unknown" },
      action: decision.choice,
      resource: { kind: question.kind, id: `${question.domain}/${question.subject}` },
      data: { prompt: question.prompt, fingerprint: question.newKey.fingerprint, digest: question.digest },
    });
    const { choice } = decision;
    if (choice === "temporary_accept") this.#temporary.add(key);
    if (choice === "always_trust" || choice === "never_trust") {
      this.#policies.set(question.domain.toLowerCase(), choice);
    }
    return decision;
  }

  async #answer(question: PinQuestion): Promise<PinDecision> {
    if (this.#handler === undefined) return { choice: "reject" };
    const deadline = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        deadline.abort();
        resolve(undefined);
      }, this.#deadlineMs);
    });
    try {
      const answer = this.#handler.decide(question, deadline.signal);
      const said = await Promise.race<PinDecision | undefined>([answer, late]);
      const { choice, by } = said ?? { choice: "reject" };
      if (!CHOICES.includes(choice)) return { choice: "reject" };
      return { choice, ...(typeof by === "string" ? { by } : {}) };
    } catch {
      return { choice: "reject" };
    } finally {
      clearTimeout(timer);
    }
  }
}
