import type { Approval, ApprovalRequest, Approver } from "@symbiont/kit";

const DEFAULT_MAX_OPEN = 1_000;

interface OpenCall {
  readonly asked: (request: ApprovalRequest) => void;
  readonly answer: Promise<boolean>;
}

/** What an adapter holds while a host's person may be asked about one call. */
export interface HostQuestion {
  /** Resolves when policy wants a person to approve the call. */
  readonly asked: Promise<ApprovalRequest>;
  /** Gives the person's answer. The first one counts. */
  readonly answer: (approved: boolean) => void;
  /** Forgets the call: whoever asks about it from now on is refused. */
  readonly close: () => void;
}

/** How a {@link HostApprover} works. */
export interface HostApproverOptions {
  /** Most calls that wait for a person at one time; a further one is refused. Default 1,000. */
  readonly maxOpen?: number;
  /** Name of the approver on record. Default `host`. */
  readonly name?: string;
  /** Default `Date`. */
  readonly clock?: { now(): number };
}

/**
 * Lets the host's own human gate answer for the gate's: give it to the gate as `approver` and to the adapter as
 * `approvals`. The call waits inside the gate meanwhile, so that what the person approved is what runs, once; a host
 * that runs a call for which it never asked, or asked in another process, is refused.
 */
export class HostApprover implements Approver {
  readonly #open = new Map<string, OpenCall>();
  readonly #maxOpen: number;
  readonly #name: string;
  readonly #clock: { now(): number };

  constructor({ maxOpen = DEFAULT_MAX_OPEN, name = "host", clock = Date }: HostApproverOptions = {}) {
    if (!Number.isSafeInteger(maxOpen) || maxOpen < 1)
      throw new RangeError(`maxOpen must be a positive integer, got ${maxOpen}`);
    this.#maxOpen = maxOpen;
    this.#name = name;
    this.#clock = clock;
  }

  /** For adapters: a person may be asked about this call. Undefined when that is so already, or for too many calls. */
  open(call: string): HostQuestion | undefined {
    if (this.#open.has(call) || this.#open.size >= this.#maxOpen) return undefined;
    let ask!: (request: ApprovalRequest) => void;
    let answer!: (approved: boolean) => void;
    const asked = new Promise<ApprovalRequest>((resolve) => {
      ask = resolve;
    });
    const answered = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    const entry: OpenCall = { asked: ask, answer: answered };
    this.#open.set(call, entry);
    return {
      asked,
      answer,
      close: () => {
        answer(false);
        if (this.#open.get(call) === entry) this.#open.delete(call);
      },
    };
  }

  /** @throws Error when the host has not said that a person can be asked about this call. */
  async ask(request: ApprovalRequest, signal: AbortSignal): Promise<Approval> {
    const open = request.call === undefined ? undefined : this.#open.get(request.call);
    if (open === undefined) throw new Error("the host asks nobody about this call");
    open.asked(request);
    const approved = await Promise.race([open.answer, refusedOn(signal)]);
    const { actionHash, role } = request;
    return {
      approved,
      actionHash,
      role,
      approver: this.#name,
      expiresAt: Math.max(request.deadline, this.#clock.now() + 1),
    };
  }
}

async function refusedOn(signal: AbortSignal): Promise<false> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return false;
}
