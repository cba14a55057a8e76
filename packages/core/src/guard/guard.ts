import type { AuditLog } from "@symbiont/audit";
import type { AuditSink } from "@symbiont/kit";
import type { ModelLog } from "@symbiont/model-log";
import type { ClientAddressResolver } from "@symbiont/net";
import type { ApprovalDesk } from "@symbiont/policy/approvals";
import type { Sandbox } from "@symbiont/sandbox";
import type { SecretStore } from "@symbiont/secrets";
import type { Gate } from "../gate.ts";
import type { GuardDescription } from "./describe-guard.ts";
import { GuardError } from "./guard-error.ts";
import type { PartHealth, PartList } from "./parts.ts";

/** How a guard is: `live` until it is closed, `ready` while every part works. */
export interface GuardHealth {
  readonly live: boolean;
  readonly ready: boolean;
  readonly parts: readonly PartHealth[];
}

/** What a guard is made of. */
export interface GuardParts {
  readonly gate: Gate;
  readonly audit: AuditLog | AuditSink;
  readonly approvals: ApprovalDesk | undefined;
  readonly secrets: SecretStore | undefined;
  readonly sandbox: Sandbox | undefined;
  readonly modelLog: ModelLog | undefined;
  readonly clientAddress: ClientAddressResolver;
}

/** Everything that guards an agent, opened from one configuration. It decides nothing itself: its parts do. */
export class Guard {
  /** Where every tool call goes through. Give it to an adapter, or call `gate.run`. */
  readonly gate: Gate;
  /** Where records go; an `AuditLog` of `@symbiont/audit` unless it was replaced or is `"none"`. */
  readonly audit: AuditLog | AuditSink;
  /** Where people answer; undefined without `approvals` in the configuration. */
  readonly approvals: ApprovalDesk | undefined;
  readonly secrets: SecretStore | undefined;
  readonly sandbox: Sandbox | undefined;
  readonly modelLog: ModelLog | undefined;
  /** Finds a client's address behind the trusted proxies. */
  readonly clientAddress: ClientAddressResolver;
  readonly #list: PartList;
  readonly #description: GuardDescription;
  readonly #drainMs: number;
  #closing: Promise<void> | undefined;

  /** For `createGuard`. */
  constructor(
    parts: GuardParts,
    own: { readonly list: PartList; readonly description: GuardDescription; readonly drainMs: number },
  ) {
    this.gate = parts.gate;
    this.audit = parts.audit;
    this.approvals = parts.approvals;
    this.secrets = parts.secrets;
    this.sandbox = parts.sandbox;
    this.modelLog = parts.modelLog;
    this.clientAddress = parts.clientAddress;
    this.#list = own.list;
    this.#description = own.description;
    this.#drainMs = own.drainMs;
  }

  /** The configuration in force, with its defaults and without anything that looks like a secret. */
  describe(): GuardDescription {
    return this.#description;
  }

  /** Asks every part how it is, each for five seconds at most. Never rejects. */
  async health(): Promise<GuardHealth> {
    if (this.#closing !== undefined) return { live: false, ready: false, parts: [] };
    const parts = await this.#list.check();
    return { live: true, ready: this.#closing === undefined && parts.every(({ ok }) => ok), parts };
  }

  /**
   * Lets no further call in, waits for those under way (people are no longer waited for), and closes every part, the
   * journal last. May be called twice.
   *
   * @throws GuardError `GUARD_CLOSE_FAILED` when calls were still running after `timeouts.drainMs`, whose outcome is
   * then not on record, or when a part could not be closed; everything else is closed all the same.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const drained = this.gate.close();
    this.approvals?.close();
    const isDrained = await within(drained, this.#drainMs);
    const errors = await this.#list.close();
    if (!isDrained) {
      throw new GuardError("GUARD_CLOSE_FAILED", "calls were still running; their outcome is not on record");
    }
    if (errors.length > 0) {
      const cause = new AggregateError(errors, "parts could not be closed");
      throw new GuardError("GUARD_CLOSE_FAILED", "a part could not be closed", { cause });
    }
  }
}

/** Whether `work` was done in time. */
async function within(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
