import { type Authorized, type Denial, type Effect, type Gate, type GateResult, isDenied, type ToolCallRequest } from "@symbiont/core";
import { canonicalJson, type JsonValue } from "@symbiont/kit";
import type { HostApprover, HostQuestion } from "./host-approver.ts";

/** What stands between a host and its tools. */
export type HostGate = Pick<
  Gate,
  "propose" | "identify" | "admit" | "verify" | "authorize" | "execute" | "verifyTools"
>;

/** A call that was judged when the host asked whether a person is needed, and that has not run yet. */
interface JudgedCall {
  readonly request: ToolCallRequest;
  readonly verdict: Promise<Authorized | Denial>;
  readonly question: HostQuestion;
  readonly expiry: NodeJS.Timeout;
}

/** Longest time between a judgement and the run, in milliseconds: an approval takes minutes at most. */
const HELD_MS = 600_000;

/**
 * Runs a host's calls through the gate. Hosts with a human gate of their own ask first and run later: a call is then
 * judged once, when the host asks, and waits inside the gate for the host to run it.
 */
export class GuardedCalls {
  readonly #gate: HostGate;
  readonly #approvals: HostApprover | undefined;
  readonly #judged = new Map<string, JudgedCall>();

  constructor(gate: HostGate, approvals: HostApprover | undefined) {
    this.#gate = gate;
    this.#approvals = approvals;
  }

  /**
   * Judges a call that the host has not run yet. True when a person has to approve it first.
   * @param isNew false when the host asks again as the conversation goes on. What it then has for an approval came with
   * the conversation, and may be anybody's words: only a call that waits here counts.
   */
  async needsPerson(request: ToolCallRequest, isNew: boolean): Promise<boolean> {
    const before = this.#judged.get(request.id);
    if (before !== undefined) return isAsked(before);
    if (!isNew) return true;
    const question = this.#approvals?.open(request.id);
    // Nobody can be asked: the gate decides when the call runs.
    if (question === undefined) return false;
    const judged: JudgedCall = {
      request,
      verdict: this.#judge(request),
      question,
      expiry: setTimeout(() => void this.#drop(request.id), HELD_MS),
    };
    judged.expiry.unref();
    this.#judged.set(request.id, judged);
    return isAsked(judged);
  }

  /**
   * Runs a call, or what was judged of it before.
   * @throws what {@link Gate.run} throws.
   */
  async run<T>(request: ToolCallRequest, effect: Effect<T>): Promise<GateResult<T>> {
    const judged = this.#take(request.id);
    // Not what was shown to the person: it is judged as the new call that it is, and nobody was asked about it.
    const same = judged !== undefined && isSameCall(judged.request, request);
    judged?.question.answer(same);
    const verdict = judged?.verdict;
    const permitted = same && verdict !== undefined ? await verdict : await this.#judge(request);
    judged?.question.close();
    if (judged !== undefined && !same) await this.#abandon(judged);
    if (isDenied(permitted)) return permitted;
    const settled = await this.#gate.execute(permitted, effect);
    if (settled.status === "threw") throw settled.error;
    return { denied: false, value: settled.value };
  }

  /** Notes that the host's person refused the call. */
  async refuse(id: string): Promise<void> {
    await this.#drop(id);
  }

  async #judge(request: ToolCallRequest): Promise<Authorized | Denial> {
    const identified = await this.#gate.identify(this.#gate.propose(request));
    if (isDenied(identified)) return identified;
    const admitted = await this.#gate.admit(identified);
    if (isDenied(admitted)) return admitted;
    const verified = await this.#gate.verify(admitted);
    return isDenied(verified) ? verified : this.#gate.authorize(verified);
  }

  #take(id: string): JudgedCall | undefined {
    const judged = this.#judged.get(id);
    this.#judged.delete(id);
    clearTimeout(judged?.expiry);
    return judged;
  }

  async #drop(id: string): Promise<void> {
    const judged = this.#take(id);
    judged?.question.close();
    if (judged !== undefined) await this.#abandon(judged);
  }

  /** Puts on record that a call whose intent is on record was never run. */
  async #abandon({ verdict }: JudgedCall): Promise<void> {
    const permitted = await verdict;
    if (isDenied(permitted)) return;
    await this.#gate.execute(permitted, () => {
      throw new Error("the host never ran the call");
    });
  }
}

async function isAsked({ question, verdict }: JudgedCall): Promise<boolean> {
  return Promise.race([question.asked.then(() => true), verdict.then(() => false)]);
}

function isSameCall(one: ToolCallRequest, other: ToolCallRequest): boolean {
  const content = ({ server, tool, arguments: given }: ToolCallRequest): JsonValue => [server, tool, given];
  try {
    return canonicalJson(content(one)) === canonicalJson(content(other));
  } catch {
    return false;
  }
}
