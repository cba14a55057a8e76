import { constants } from "node:os";
import { PassThrough, type Readable, Writable } from "node:stream";
import type { SandboxLimits } from "../../policy/limits.ts";
import type { GuestExit, GuestProcess, GuestRemains } from "../../run/guest-process.ts";
import type { SandboxError } from "../../sandbox-error.ts";
import type { AgentClient, RunListener } from "./agent-client.ts";
import { MAX_PAYLOAD, TO_GUEST } from "./agent-frames.ts";
import type { GuestStreams } from "./guest-streams.ts";
import { machineFailed } from "./machine-failed.ts";

const OUTCOME_BYTES = 30;
const NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);
const { SIGKILL, SIGXCPU } = constants.signals;
/** The clock of limits counts in ticks. */
const TICK_MICROS = 50_000;

/** How a run's end is brought about and cleared up. */
export interface RunEnd {
  kill(): void;
  /** @returns processes that could not be ended. */
  settle(outcome: { readonly hasEnded: boolean; readonly survivors: number }): Promise<number>;
}

/** A command in a machine, as its agent tells of it. */
export class MicrovmGuest implements GuestProcess, RunListener {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<GuestExit>;
  readonly streams: GuestStreams | undefined;
  readonly #outputs = { stdout: new PassThrough(), stderr: new PassThrough() };
  readonly #client: AgentClient;
  readonly #limits: SandboxLimits;
  readonly #end: RunEnd;
  #resolve: (exit: GuestExit) => void = () => undefined;
  #reject: (error: SandboxError) => void = () => undefined;
  #room = MAX_PAYLOAD;
  #inputWaits: (() => void) | undefined;
  #isKilled = false;
  #hasEnded = false;
  #survivors = 0;
  #peakMemoryBytes = 0;
  #oomKills = 0;

  /** @param streams where its connections go. Default it has no network. */
  constructor(client: AgentClient, limits: SandboxLimits, end: RunEnd, streams?: GuestStreams) {
    this.streams = streams;
    this.#client = client;
    this.#limits = limits;
    this.#end = end;
    this.stdout = this.#outputs.stdout;
    this.stderr = this.#outputs.stderr;
    this.stdin = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => this.#give(chunk, done),
      final: (done) => {
        client.tell(TO_GUEST.input);
        done();
      },
    });
    this.exited = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever asks gets it; nobody is forced to ask.
    this.exited.catch(() => undefined);
  }

  kill(): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.#end.kill();
  }

  async settle(): Promise<GuestRemains> {
    const survivors = await this.#end.settle({ hasEnded: this.#hasEnded, survivors: this.#survivors });
    return {
      survivors,
      ...(this.#peakMemoryBytes === 0 ? {} : { peakMemoryBytes: this.#peakMemoryBytes }),
      ...(this.#oomKills === 0 ? {} : { oomKills: this.#oomKills }),
    };
  }

  output(stream: "stdout" | "stderr", data: Uint8Array): void {
    const output = this.#outputs[stream];
    if (output.destroyed || output.write(data)) return;
    this.#client.pauseUntil((resume) => {
      output.once("drain", resume);
      output.once("close", resume);
    });
  }

  taken(bytes: number): void {
    this.#room += bytes;
    if (this.#room > MAX_PAYLOAD) throw new RangeError("more was taken than was given");
    const go = this.#inputWaits;
    this.#inputWaits = undefined;
    go?.();
  }

  ended(outcome: Uint8Array): void {
    if (outcome.length !== OUTCOME_BYTES) throw new RangeError("not an outcome");
    const view = new DataView(outcome.buffer, outcome.byteOffset);
    const isSignal = view.getUint8(0) === 1;
    const number = view.getUint8(1);
    this.#hasEnded = true;
    this.#survivors = view.getUint32(2, true);
    this.#oomKills = Number(view.getBigUint64(6, true));
    this.#peakMemoryBytes = Number(view.getBigUint64(14, true));
    const cpuMicros = Number(view.getBigUint64(22, true));
    this.#endOutputs();
    if (!isSignal) return this.#resolve({ exitCode: number, signal: null });
    const signal = NAMES.get(number);
    if (signal === undefined) throw new RangeError("not a signal");
    const exit = { exitCode: null, signal };
    if (number === SIGKILL && this.#oomKills > 0) return this.#resolve({ ...exit, exceeded: "memory" });
    const hasUsedUpItsTime = cpuMicros + TICK_MICROS >= this.#limits.cpuSeconds * 1_000_000;
    if ((number === SIGXCPU || number === SIGKILL) && hasUsedUpItsTime)
      return this.#resolve({ ...exit, exceeded: "cpu" });
    this.#resolve(exit);
  }

  failed(error: SandboxError): void {
    this.#endOutputs();
    this.#inputWaits?.();
    if (this.#isKilled) this.#resolve({ exitCode: null, signal: "SIGKILL" });
    else this.#reject(error);
  }

  /** When the machine was lost before the command began. */
  lost(): void {
    this.failed(machineFailed("the machine has ended"));
  }

  /** Nothing more is said to it, nor for it. */
  #endOutputs(): void {
    this.streams?.close();
    for (const output of Object.values(this.#outputs)) output.end();
  }

  #give(chunk: Uint8Array, done: () => void): void {
    if (this.#hasEnded || this.#isKilled || chunk.length === 0) return done();
    const piece = chunk.subarray(0, this.#room);
    const rest = chunk.subarray(piece.length);
    if (piece.length > 0) {
      this.#room -= piece.length;
      this.#client.tell(TO_GUEST.input, piece);
    }
    if (rest.length === 0) done();
    else this.#inputWaits = () => this.#give(rest, done);
  }
}
