import {
  type Authorized,
  type Denial,
  type Effect,
  type Gate,
  type GateResult,
  isDenied,
  type ToolCallRequest,
} from "@symbiont/core";
import { type ApprovalRequest, canonicalJson, type JsonValue, parseJson } from "@symbiont/kit";
import type { HostApprover, HostQuestion } from "./host-approver.ts";

/** What stands between a host and its tools. */
export type HostGate = Pick<
  Gate,
  "propose" | "identify" | "admit" | "verify" | "authorize" | "execute" | "verifyTools"
>;

/** Gets the answer of the host's person. What it throws ends the call, and reaches the host. */
export type AskHost = (request: ApprovalRequest) => boolean | Promise<boolean>;

/** A call under judgement. */
interface Judgement {
  readonly verdict: Promise<Authorized | Denial>;
  readonly question: HostQuestion;
  /** Ends the judgement, because the host does not go on with the call. */
  readonly cancel: () => void;
}

/** A call that was judged when the host asked whether a person is needed, and that has not run yet. */
interface HeldCall extends Judgement {
  readonly request: ToolCallRequest;
  readonly expiry: NodeJS.Timeout;
}

/** Longest time between a judgement and the run, in milliseconds. */
const HELD_MS = 600_000;

/**
 * Runs a host's calls through the gate. Some hosts ask first whether a person is needed, and run the call later: such
 * a call is judged when the host asks, and held inside the gate until the host runs it.
 */
export class GuardedCalls {
  readonly #gate: HostGate;
  readonly #approvals: HostApprover | undefined;
  readonly #held = new Map<string, HeldCall>();

  constructor(gate: HostGate, approvals: HostApprover | undefined) {
    this.#gate = gate;
    this.#approvals = approvals;
  }

  /** Whether the call is held here. */
  holds(id: string): boolean {
    return this.#held.has(id);
  }

  /** Judges a call and holds it. Gives what a person is asked, or undefined when nobody has to be. */
  async judge(request: ToolCallRequest): Promise<ApprovalRequest | undefined> {
    const held = this.#held.get(request.id) ?? this.#hold(request);
    // Nobody can be asked: the gate decides when the call runs.
    return held === undefined ? undefined : asked(held);
  }

  /** Ends a call that is held: the host does not go on with it. */
  async drop(id: string): Promise<void> {
    const held = this.#take(id);
    if (held !== undefined) await this.#abandon(held);
  }

  /**
   * Runs a call, or what is held of it.
   * @param ask how a person's answer is had in the middle of the run; without it only held calls can be approved, by
   * being run.
   * @throws what `Gate.run` and `ask` throw.
   */
  async run<T>(request: ToolCallRequest, effect: Effect<T>, ask?: AskHost): Promise<GateResult<T>> {
    const permitted = await this.#permit(request, ask);
    if (isDenied(permitted)) return permitted;
    const settled = await this.#gate.execute(permitted, effect);
    if (settled.status === "threw") throw settled.error;
    return { denied: false, value: settled.value };
  }

  async #permit(request: ToolCallRequest, ask: AskHost | undefined): Promise<Authorized | Denial> {
    const held = this.#take(request.id);
    if (held !== undefined && isSameCall(held.request, request)) {
      held.question.answer(true);
      try {
        return await held.verdict;
      } finally {
        held.question.close();
      }
    }
    // Not what the person saw: judged as the new call that it is.
    if (held !== undefined) await this.#abandon(held);
    const judgement = ask === undefined ? undefined : this.#begin(request);
    if (judgement === undefined || ask === undefined) return this.#judge(this.#unasked(request));
    try {
      const question = await asked(judgement);
      if (question !== undefined) judgement.question.answer(await ask(question));
      return await judgement.verdict;
    } catch (error) {
      await this.#abandon(judgement);
      throw error;
    } finally {
      judgement.question.close();
    }
  }

  #hold(request: ToolCallRequest): HeldCall | undefined {
    const judgement = this.#begin(request);
    if (judgement === undefined) return undefined;
    const expiry = setTimeout(() => void this.drop(request.id), HELD_MS);
    expiry.unref();
    const held = { ...judgement, request, expiry };
    this.#held.set(request.id, held);
    return held;
  }

  /** Begins to judge; undefined when the host's person cannot be asked. */
  #begin(request: ToolCallRequest): Judgement | undefined {
    const question = this.#approvals?.open(request.id);
    if (question === undefined) return undefined;
    const stop = new AbortController();
    const signal =
      request.signal === undefined ? stop.signal : AbortSignal.any([request.signal, stop.signal]);
    return { question, verdict: this.#judge({ ...request, signal }), cancel: () => stop.abort() };
  }

  /**
   * A call about which the host's person is not asked. The approver knows calls by their ids, which model servers give
   * twice: under its own id it could get the answer that a person gave for another call.
   */
  #unasked(request: ToolCallRequest): ToolCallRequest {
    if (this.#approvals === undefined) return request;
    return { ...request, id: `${request.id}#${crypto.randomUUID()}` };
  }

  async #judge(request: ToolCallRequest): Promise<Authorized | Denial> {
    const identified = await this.#gate.identify(this.#gate.propose(request));
    if (isDenied(identified)) return identified;
    const admitted = await this.#gate.admit(identified);
    if (isDenied(admitted)) return admitted;
    const verified = await this.#gate.verify(admitted);
    return isDenied(verified) ? verified : this.#gate.authorize(verified);
  }

  #take(id: string): HeldCall | undefined {
    const held = this.#held.get(id);
    this.#held.delete(id);
    clearTimeout(held?.expiry);
    return held;
  }

  /** Ends a judgement. A call whose intent is on record gets its outcome there: it was never run. */
  async #abandon({ cancel, question, verdict }: Judgement): Promise<void> {
    cancel();
    question.close();
    const permitted = await verdict;
    if (isDenied(permitted)) return;
    await this.#gate.execute(permitted, () => {
      throw new Error("the host did not run the call");
    });
  }
}

async function asked({ question, verdict }: Judgement): Promise<ApprovalRequest | undefined> {
  return Promise.race([question.asked, verdict.then(() => undefined)]);
}

function isSameCall(one: ToolCallRequest, other: ToolCallRequest): boolean {
  try {
    return canonicalJson(contentOf(one)) === canonicalJson(contentOf(other));
  } catch {
    return false;
  }
}

/** A host may show a person what it has parsed, and later hand over the text. */
function contentOf({ server, tool, arguments: given }: ToolCallRequest): JsonValue {
  return [server, tool, typeof given === "string" ? parseJson(given) : given];
}
