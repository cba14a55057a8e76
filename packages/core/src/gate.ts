import {
  type AdmittedTool,
  type AuditReceipt,
  frozenCopy,
  type Principal,
  type ToolDefinition,
} from "@symbiont/kit";
import { admit } from "./admit.ts";
import { denialRecord, findingRecord, intentRecord } from "./audit-record.ts";
import { authorize } from "./authorize.ts";
import { withDeadline } from "./deadline.ts";
import { type Denial, deny, isDenied } from "./denial.ts";
import { type Effect, execute } from "./execute.ts";
import { GateError } from "./gate-error.ts";
import type { GateOptions } from "./gate-options.ts";
import { identify, isPrincipal } from "./identify.ts";
import { InFlight } from "./in-flight.ts";
import {
  type Admitted,
  type Authorized,
  type Identified,
  type Proposed,
  type Settled,
  StageLedger,
  type ToolCall,
  type ToolCallRequest,
  type Verified,
} from "./stage.ts";
import { verify } from "./verify.ts";

const DEFAULT_STAGE_TIMEOUT_MS = 5_000;
const DEFAULT_APPROVAL_TIMEOUT_MS = 120_000;

/** What came of a call: its value, or why it was refused. */
export type GateResult<T> = { readonly denied: false; readonly value: T } | Denial;

/**
 * The one way to a tool: proposed, identified, admitted, verified, authorized, settled.
 *
 * Each stage takes only what the stage before it issued, once. {@link Gate.run} walks all of them; a host that
 * needs to stand between two stages calls them one by one.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #stageTimeoutMs: number;
  readonly #approvalTimeoutMs: number;
  readonly #ledger = new StageLedger();
  readonly #inFlight = new InFlight();

  /** @throws TypeError for an identity that is none; RangeError when a timeout is not a positive number. */
  constructor(options: GateOptions) {
    this.#options = Object.freeze({ ...options, identity: frozenIdentity(options.identity) });
    this.#stageTimeoutMs = positive("stageTimeoutMs", options.stageTimeoutMs ?? DEFAULT_STAGE_TIMEOUT_MS);
    this.#approvalTimeoutMs = positive(
      "approvalTimeoutMs",
      options.approvalTimeoutMs ?? DEFAULT_APPROVAL_TIMEOUT_MS,
    );
  }

  /**
   * Takes a call through every stage and runs it.
   *
   * @throws whatever the effect threw, once that is on record; GateError `GATE_OUTCOME_NOT_RECORDED` when the effect
   * ran and could not be recorded.
   */
  async run<T>(request: ToolCallRequest, effect: Effect<T>): Promise<GateResult<T>> {
    return this.#inFlight.during(async () => this.#run(request, effect));
  }

  /**
   * Lets no further call in, and resolves when every call under way has settled and is on record. A call that a host
   * walks stage by stage is waited for while it executes; executing it afterwards throws `GATE_CLOSED`.
   */
  async close(): Promise<void> {
    await this.#inFlight.drain();
  }

  async #run<T>(request: ToolCallRequest, effect: Effect<T>): Promise<GateResult<T>> {
    const identified = await this.identify(this.propose(request));
    if (isDenied(identified)) return identified;
    const admitted = await this.admit(identified);
    if (isDenied(admitted)) return admitted;
    const verified = await this.verify(admitted);
    if (isDenied(verified)) return verified;
    const permitted = await this.authorize(verified);
    if (isDenied(permitted)) return permitted;
    const settled = await this.#settle(permitted, effect);
    if (settled.status === "threw") throw settled.error;
    return { denied: false, value: settled.value };
  }

  /** Lets a call in. Its fields are copied, so that changing the original later changes nothing. */
  propose(request: ToolCallRequest): Proposed {
    const { context, ...call } = request;
    if (this.#inFlight.isClosed) {
      const refusal = deny("GATE_CLOSED", "the gate is closed");
      return this.#ledger.issue("proposed", { call: Object.freeze(call), refusal });
    }
    if (context === undefined) return this.#ledger.issue("proposed", { call: Object.freeze(call) });
    try {
      const facts = frozenCopy(typeof context === "function" ? context() : context);
      return this.#ledger.issue("proposed", { call: Object.freeze({ ...call, context: facts }) });
    } catch {
      const refusal = deny("GATE_STAGE_FAILED", "the call's context could not be read");
      return this.#ledger.issue("proposed", { call: Object.freeze(call), refusal });
    }
  }

  /** Establishes who calls. */
  async identify(proposed: Proposed): Promise<Identified | Denial> {
    this.#ledger.use("proposed", proposed);
    return this.#stage("identity", proposed.call, undefined, () =>
      identify(this.#ledger, this.#options.identity, proposed),
    );
  }

  /** Takes one unit of the caller's limit. */
  async admit(identified: Identified): Promise<Admitted | Denial> {
    this.#ledger.use("identified", identified);
    const { call, principal } = identified;
    return this.#stage("rate", call, principal, () => admit(this.#ledger, this.#options.rate, identified));
  }

  /** Checks the tool's definition and the call's arguments. */
  async verify(admitted: Admitted): Promise<Verified | Denial> {
    this.#ledger.use("admitted", admitted);
    const { call, principal } = admitted;
    const { tools, arguments: checker } = this.#options;
    return this.#stage("tool", call, principal, () => verify(this.#ledger, tools, checker, admitted));
  }

  /** Asks policy and, where it says so, a person; then records the intent. */
  async authorize(verified: Verified): Promise<Authorized | Denial> {
    this.#ledger.use("verified", verified);
    const { call, principal, tool, arguments: checked } = verified;
    const limits = { stageTimeoutMs: this.#stageTimeoutMs, approvalTimeoutMs: this.#approvalTimeoutMs };
    const judged = await this.#stage(
      "policy",
      call,
      principal,
      async () => authorize(this.#options, limits, verified),
      2 * this.#stageTimeoutMs + (this.#options.approver === undefined ? 0 : this.#approvalTimeoutMs),
    );
    if (isDenied(judged)) return judged;
    const { decision, recorded, refusal } = judged;
    if (refusal !== undefined) {
      await this.#note(denialRecord(call, principal, refusal, { decision }));
      return refusal;
    }
    let writing: Promise<AuditReceipt> | undefined;
    const intent = await withDeadline(
      {
        name: "audit",
        timeoutMs: this.#stageTimeoutMs,
        timedOut: "GATE_AUDIT_UNAVAILABLE",
        failed: "GATE_AUDIT_UNAVAILABLE",
      },
      async () => (writing = this.#options.audit.append(intentRecord(verified, judged))),
    );
    if (isDenied(intent)) {
      // Written after all, it would look like a call whose outcome was lost.
      const answer = ({ sequence }: AuditReceipt): Promise<void> =>
        this.#note(denialRecord(call, principal, intent, { decision, intent: sequence }));
      writing?.then(answer).catch(() => undefined);
      return intent;
    }
    if (call.signal?.aborted === true) {
      const cancelled = deny("GATE_CANCELLED", "the call was cancelled");
      await this.#note(denialRecord(call, principal, cancelled, { decision, intent: intent.sequence }));
      return cancelled;
    }
    return this.#ledger.issue("authorized", {
      call,
      principal,
      tool,
      arguments: checked,
      decision,
      intent: intent.sequence,
      recorded,
    });
  }

  /**
   * Runs an authorized call and records how it ended. Takes nothing but what {@link Gate.authorize} issued.
   *
   * @throws GateError `GATE_CLOSED` when the gate was closed before the call began.
   */
  async execute<T>(call: Authorized, effect: Effect<T>): Promise<Settled<T>> {
    if (this.#inFlight.isClosed) {
      throw new GateError("GATE_CLOSED", "the gate was closed before the call began");
    }
    return this.#inFlight.during(async () => this.#settle(call, effect));
  }

  async #settle<T>(call: Authorized, effect: Effect<T>): Promise<Settled<T>> {
    this.#ledger.use("authorized", call);
    return execute(this.#options.audit, this.#stageTimeoutMs, call, effect);
  }

  /**
   * Gives the part of a server's tool list that a model may see, as frozen verified copies, and records every
   * tool that was kept back. A verifier that fails lets nothing through.
   */
  async verifyTools(tools: readonly ToolDefinition[], server: string): Promise<readonly AdmittedTool[]> {
    const admission = await withDeadline({ name: "tool", timeoutMs: this.#stageTimeoutMs }, async () =>
      this.#options.tools.admit(tools, server),
    );
    if (isDenied(admission)) {
      await this.#note(
        findingRecord(server, { tool: "*", action: "block", code: admission.code, reason: admission.reason }),
      );
      return [];
    }
    const notable = admission.findings.filter(({ action }) => action !== "allow");
    await Promise.all(notable.map(async (finding) => this.#note(findingRecord(server, finding))));
    return admission.tools;
  }

  async #stage<T extends object>(
    name: string,
    call: ToolCall,
    principal: Principal | undefined,
    work: () => Promise<T | Denial>,
    timeoutMs: number = this.#stageTimeoutMs,
  ): Promise<T | Denial> {
    const result = await withDeadline({ name, timeoutMs, signal: call.signal }, work);
    if (isDenied(result)) await this.#note(denialRecord(call, principal, result));
    return result;
  }

  /** Records a refusal. It stands whether or not the record could be written. */
  async #note(record: Parameters<GateOptions["audit"]["append"]>[0]): Promise<void> {
    await withDeadline({ name: "audit", timeoutMs: this.#stageTimeoutMs }, async () =>
      this.#options.audit.append(record),
    );
  }
}

function frozenIdentity(identity: GateOptions["identity"]): GateOptions["identity"] {
  if ("verifier" in identity) return Object.freeze({ ...identity });
  if (!isPrincipal(identity)) throw new TypeError("identity must be a principal, or hold a verifier");
  return frozenCopy(identity);
}

function positive(name: string, value: number): number {
  if (!(value > 0 && value < 2 ** 31))
    throw new RangeError(`${name} must be a positive number of milliseconds, got ${value}`);
  return value;
}
