import { randomBytes } from "node:crypto";
import { getSystemErrorName } from "node:util";
import type { SandboxLimits } from "../../policy/limits.ts";
import { SandboxError } from "../../sandbox-error.ts";
import {
  encodeFrame,
  encodeNumbers,
  FrameReader,
  MAX_PAYLOAD,
  PROTOCOL_VERSION,
  TO_GUEST,
  TO_HOST,
} from "./agent-frames.ts";
import type { Machine } from "./machine.ts";
import { machineFailed } from "./machine-failed.ts";

/** What the agent says while a command runs. */
export interface RunListener {
  /** What a command with a way to its proxy says there. Default none has one. */
  readonly streams?: { take(type: number, payload: Uint8Array): void } | undefined;
  output(stream: "stdout" | "stderr", data: Uint8Array): void;
  /** So many bytes of input have been taken. */
  taken(bytes: number): void;
  ended(outcome: Uint8Array): void;
  /** Nothing more will come. */
  failed(error: SandboxError): void;
}

interface Question {
  readonly data: (bytes: Uint8Array) => void;
  readonly resolve: () => void;
  readonly reject: (error: SandboxError) => void;
}

/**
 * Speaks with the agent of a machine. The agent is believed in nothing that would cost the host: whatever does not keep
 * to the protocol ends the machine.
 */
export class AgentClient {
  readonly #machine: Machine;
  #isReady: boolean;
  #failure: SandboxError | undefined;
  #question: Question | undefined;
  #listener: RunListener | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#isReady = machine.isReady;
    const { channel } = machine;
    const reader = new FrameReader((type, payload) => this.#take(type, payload));
    channel.on("data", (chunk: Uint8Array) => {
      if (this.#failure !== undefined) return;
      try {
        reader.push(chunk);
      } catch {
        this.#fail(machineFailed("the guest agent does not keep to the protocol"));
      }
    });
    channel.on("error", () => undefined);
    channel.on("close", () => this.#fail(machineFailed("the machine has ended")));
    void machine.ended.then(() => this.#fail(machineFailed("the machine has ended")));
  }

  /** @throws SandboxError `SANDBOX_MACHINE_FAILED` */
  async ready(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    let expired: NodeJS.Timeout | undefined;
    const abort = (): void => this.#fail(machineFailed("the machine is not wanted any more"));
    signal?.addEventListener("abort", abort, { once: true });
    try {
      if (this.#isReady) return;
      await new Promise<void>((resolve, reject) => {
        expired = setTimeout(
          () => this.#fail(machineFailed("the guest agent did not begin in time")),
          timeoutMs,
        );
        if (this.#failure !== undefined) reject(this.#failure);
        else this.#question = { data: () => undefined, resolve, reject };
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(expired);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Gives the guest its time and randomness: those of a machine that was copied are another one's. */
  async hello(): Promise<void> {
    const seconds = encodeNumbers(Math.floor(Date.now() / 1000));
    await this.#ask([
      encodeFrame(TO_GUEST.hello, Uint8Array.of(PROTOCOL_VERSION, ...seconds, ...randomBytes(32))),
    ]);
  }

  async setup(limits: SandboxLimits): Promise<void> {
    await this.#ask([encodeFrame(TO_GUEST.setup, encodeNumbers(limits.workspaceBytes))]);
  }

  /** @throws SandboxError `SANDBOX_FILE_REFUSED` */
  async writeFile(path: string, content: Uint8Array): Promise<void> {
    await this.#ask([
      encodeFrame(TO_GUEST.fileOpen, Buffer.from(path)),
      ...inParts(TO_GUEST.filePart, content),
      encodeFrame(TO_GUEST.fileClose),
    ]);
  }

  /** @throws SandboxError `SANDBOX_FILE_REFUSED` */
  async readFile(path: string, maxBytes: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let total = 0;
    await this.#ask(
      [encodeFrame(TO_GUEST.fileRead, Buffer.concat([encodeNumbers(maxBytes), Buffer.from(path)]))],
      (chunk) => {
        total += chunk.length;
        if (total <= maxBytes) chunks.push(chunk);
      },
    );
    if (total > maxBytes)
      throw new SandboxError(
        "SANDBOX_FILE_REFUSED",
        `file of the workspace is longer than ${maxBytes} bytes`,
      );
    return new Uint8Array(Buffer.concat(chunks));
  }

  /** Starts a command; what it says goes to `listener` from then on. @throws SandboxError `SANDBOX_SPAWN_FAILED` */
  async start(frames: readonly Uint8Array[], listener: RunListener): Promise<void> {
    this.#listener = listener;
    await this.#ask(frames);
  }

  /** Says something that is not answered. */
  tell(type: number, payload?: Uint8Array): void {
    const { channel } = this.#machine;
    if (this.#failure === undefined && channel.writable) channel.write(encodeFrame(type, payload));
  }

  /** Stops the flow of output until `resume` of the channel. */
  pauseUntil(caughtUp: (resume: () => void) => void): void {
    this.#machine.channel.pause();
    caughtUp(() => this.#machine.channel.resume());
  }

  async #ask(
    frames: readonly Uint8Array[],
    data: (bytes: Uint8Array) => void = () => undefined,
  ): Promise<void> {
    const asked = this.#turn.then(
      async () =>
        new Promise<void>((resolve, reject) => {
          if (this.#failure !== undefined) return reject(this.#failure);
          this.#question = { data, resolve, reject };
          for (const frame of frames) this.#machine.channel.write(frame);
        }),
    );
    this.#turn = asked.catch(() => undefined);
    return asked;
  }

  #take(type: number, payload: Uint8Array): void {
    switch (type) {
      case TO_HOST.ready:
        if (this.#isReady || payload[0] !== PROTOCOL_VERSION) throw new RangeError("not ready");
        this.#isReady = true;
        this.#question?.resolve();
        this.#question = undefined;
        return;
      case TO_HOST.done:
        return this.#answered().resolve();
      case TO_HOST.refused: {
        // Read before anybody is answered: what is no number fails whoever waits.
        const why = errorName(payload);
        return this.#answered().reject(new SandboxError("SANDBOX_FILE_REFUSED", `the guest refuses: ${why}`));
      }
      case TO_HOST.notStarted: {
        const why = errorName(payload);
        this.#listener = undefined;
        return this.#answered().reject(
          new SandboxError("SANDBOX_SPAWN_FAILED", `program could not be started: ${why}`),
        );
      }
      case TO_HOST.fileData:
        return this.#question?.data(payload);
      case TO_HOST.stdout:
        return this.#listener?.output("stdout", payload);
      case TO_HOST.stderr:
        return this.#listener?.output("stderr", payload);
      case TO_HOST.taken:
        return this.#listener?.taken(numberOf(payload));
      case TO_HOST.ended: {
        const listener = this.#listener;
        this.#listener = undefined;
        return listener?.ended(payload);
      }
      case TO_HOST.streamOpen:
      case TO_HOST.streamSays:
      case TO_HOST.streamTaken:
      case TO_HOST.streamDropped: {
        const streams = this.#listener?.streams;
        if (streams === undefined) throw new RangeError("a connection that nobody may make");
        return streams.take(type, payload);
      }
      default:
        throw new RangeError("no such type of frame");
    }
  }

  #answered(): Question {
    const question = this.#question;
    if (question === undefined || !this.#isReady) throw new RangeError("an answer to nothing");
    this.#question = undefined;
    return question;
  }

  #fail(error: SandboxError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#machine.kill();
    this.#question?.reject(error);
    this.#question = undefined;
    this.#listener?.failed(error);
    this.#listener = undefined;
  }
}

/** Bytes as frames of a type. */
export function inParts(type: number, bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += MAX_PAYLOAD)
    frames.push(encodeFrame(type, bytes.subarray(offset, offset + MAX_PAYLOAD)));
  return frames;
}

function numberOf(payload: Uint8Array): number {
  if (payload.length !== 4) throw new RangeError("not a number");
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
}

function errorName(payload: Uint8Array): string {
  const number = numberOf(payload);
  return number > 0 && number < 4096 ? getSystemErrorName(-number) : "unknown";
}
