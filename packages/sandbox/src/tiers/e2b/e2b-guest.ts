import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { PassThrough, type Readable, Writable } from "node:stream";
import { decodeBase64, type JsonValue } from "@symbiont/kit";
import type { GuestExit, GuestProcess, GuestRemains } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import { machineFailed } from "../microvm/machine-failed.ts";
import type { GuestCommand } from "../tier.ts";
import { type EnvdClient, jsonOf } from "./envd-client.ts";
import { exitOf } from "./envd-exit.ts";
import { MessageReader } from "./envd-frames.ts";
import { launchArguments, NOT_FOUND } from "./launch-script.ts";

/** How a run's end is brought about and cleared up. */
export interface RunEnd {
  /** Resolves to whether nothing of the run goes on. */
  kill(): Promise<boolean>;
  /** @returns processes that could not be ended. */
  settle(): Promise<number>;
}

interface Beginning {
  readonly mark: string;
  readonly end: RunEnd;
  readonly cpuSeconds: number;
}

/** How a command begins and ends. */
interface StartOptions {
  /** How long it may take until the program has taken over, in milliseconds. */
  readonly startMs: number;
  readonly end: RunEnd;
  /** Whether it is a script of the tier's own, which nothing bounds but its time. Default no. */
  readonly isOwn?: boolean;
}

const MAX_INPUT_BYTES = 32 * 1024;
type Members = Readonly<Record<string, JsonValue>>;

/** A command in a machine of the service, as the machine's daemon tells of it. */
export class E2bGuest implements GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<GuestExit>;
  readonly #outputs = { stdout: new PassThrough(), stderr: new PassThrough() };
  readonly #client: EnvdClient;
  readonly #user: string;
  readonly #response: IncomingMessage;
  readonly #reader = new MessageReader();
  readonly #end: RunEnd;
  readonly #over = new AbortController();
  readonly #started = performance.now();
  readonly #cpuSeconds: number;
  /** What is still to come of the mark. */
  #mark: Buffer;
  #pid: number | undefined;
  #isKilled = false;
  #hasEnded = false;
  #begun: { readonly resolve: () => void; readonly reject: (error: SandboxError) => void } | undefined;
  #resolve: (exit: GuestExit) => void = () => undefined;
  #reject: (error: SandboxError) => void = () => undefined;

  private constructor(client: EnvdClient, user: string, response: IncomingMessage, begin: Beginning) {
    this.#client = client;
    this.#user = user;
    this.#response = response;
    this.#mark = Buffer.from(begin.mark);
    this.#end = begin.end;
    this.#cpuSeconds = begin.cpuSeconds;
    this.stdout = this.#outputs.stdout;
    this.stderr = this.#outputs.stderr;
    this.stdin = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => void this.#give(chunk).then(() => done(), done),
      final: (done) => void this.#input("process.Process/CloseStdin", {}).then(() => done(), done),
    });
    this.stdin.on("error", () => undefined);
    this.exited = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever asks gets it; nobody is forced to ask.
    this.exited.catch(() => undefined);
  }

  /**
   * Resolves when the program has taken over.
   * @throws SandboxError `SANDBOX_SPAWN_FAILED`, `SANDBOX_MACHINE_FAILED`, `SANDBOX_ENGINE_TIMED_OUT`
   */
  static async start(
    client: EnvdClient,
    user: string,
    { argv, env, limits, signal }: GuestCommand,
    { startMs, end, isOwn = false }: StartOptions,
  ): Promise<E2bGuest> {
    const mark = randomBytes(16).toString("hex");
    const args = launchArguments(argv, env, mark, isOwn ? undefined : limits);
    const process = { cmd: "/bin/sh", args, envs: env, cwd: isOwn ? "/" : "/workspace" };
    const caller = { user, ...(signal === undefined ? {} : { signal }) };
    const response = await client.stream("process.Process/Start", { process, stdin: true }, caller);
    const guest = new E2bGuest(client, user, response, { mark, end, cpuSeconds: limits.cpuSeconds });
    const overdue = setTimeout(() => {
      guest.#fail(
        new SandboxError("SANDBOX_ENGINE_TIMED_OUT", "the machine does not begin", { retryable: true }),
      );
    }, startMs);
    try {
      await new Promise<void>((resolve, reject) => {
        guest.#begun = { resolve, reject };
        guest.#listen();
      });
      return guest;
    } finally {
      clearTimeout(overdue);
    }
  }

  /** The daemon would end the first process only. */
  kill(): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    void this.#killed();
  }

  async settle(): Promise<GuestRemains> {
    this.#over.abort();
    this.#response.destroy();
    return { survivors: await this.#end.settle() };
  }

  async #killed(): Promise<void> {
    // What could not be ended is not said to have ended.
    if ((await this.#end.kill()) && !this.#hasEnded) this.#finish({ exitCode: null, signal: "SIGKILL" });
  }

  #listen(): void {
    this.#response.on("data", (chunk: Uint8Array) => {
      try {
        for (const { isEnd, payload } of this.#reader.push(chunk)) {
          if (isEnd) this.#fail(machineFailed("the machine did not say how the command ended"));
          else this.#take(jsonOf(payload));
        }
      } catch (error) {
        this.#fail(SandboxError.is(error) ? error : machineFailed("the machine's daemon makes no sense"));
      }
    });
    this.#response.on("error", () => undefined);
    this.#response.on("close", () => this.#fail(machineFailed("the machine broke off")));
  }

  #take(message: JsonValue): void {
    const event = members(members(message)["event"]);
    if (this.#hasEnded) return;
    if (event["start"] !== undefined) this.#pid = whole(members(event["start"])["pid"], 2 ** 32);
    else if (event["data"] !== undefined) {
      const { stdout, stderr } = members(event["data"]);
      if (typeof stdout === "string") this.#output("stdout", Buffer.from(decodeBase64(stdout)));
      if (typeof stderr === "string") this.#output("stderr", Buffer.from(decodeBase64(stderr)));
    } else if (event["end"] !== undefined) this.#ended(members(event["end"]));
  }

  #output(name: "stdout" | "stderr", data: Buffer): void {
    const given = name === "stdout" && this.#mark.length > 0 ? this.#afterMark(data) : data;
    const output = this.#outputs[name];
    if (given.length === 0 || output.destroyed || output.write(given)) return;
    this.#response.pause();
    const resume = (): void => void this.#response.resume();
    output.once("drain", resume);
    output.once("close", resume);
  }

  #afterMark(data: Buffer): Buffer {
    const piece = data.subarray(0, this.#mark.length);
    if (!piece.equals(this.#mark.subarray(0, piece.length)))
      throw machineFailed("the machine did not run the command");
    this.#mark = this.#mark.subarray(piece.length);
    if (this.#mark.length === 0) this.#begun?.resolve();
    return data.subarray(piece.length);
  }

  #ended(end: Members): void {
    const exit = exitOf(end);
    if (this.#mark.length > 0)
      return this.#fail(
        exit.exitCode === NOT_FOUND
          ? new SandboxError("SANDBOX_SPAWN_FAILED", "program does not exist in the machine")
          : machineFailed("the machine did not run the command"),
      );
    // On any number of processors, so much processor time takes at least so much time.
    const mayHaveUsedUpItsTime = performance.now() - this.#started > this.#cpuSeconds * 10;
    if (exit.signal === "SIGXCPU" && mayHaveUsedUpItsTime) return this.#finish({ ...exit, exceeded: "cpu" });
    this.#finish(exit);
  }

  #finish(exit: GuestExit): void {
    this.#close();
    this.#resolve(exit);
  }

  #fail(error: SandboxError): void {
    if (this.#hasEnded) return;
    // A machine that was told to end breaks off; whether it has, is said elsewhere.
    if (this.#isKilled) return;
    this.#close();
    this.#begun?.reject(error);
    this.#reject(error);
  }

  #close(): void {
    this.#hasEnded = true;
    this.#over.abort();
    this.#response.destroy();
    for (const output of Object.values(this.#outputs)) output.end();
  }

  async #give(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.length; offset += MAX_INPUT_BYTES) {
      const piece = Buffer.from(chunk.subarray(offset, offset + MAX_INPUT_BYTES));
      await this.#input("process.Process/SendInput", { input: { stdin: piece.toString("base64") } });
    }
  }

  /** The daemon answers when the guest has taken it, which may be never. */
  async #input(procedure: string, message: object): Promise<void> {
    if (this.#hasEnded) return;
    const process = { pid: this.#pid };
    const caller = { user: this.#user, signal: this.#over.signal, timeoutMs: 0 };
    await this.#client.call(procedure, { process, ...message }, caller);
  }
}

function members(value: JsonValue | undefined): Members {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Members;
  throw new RangeError("not an object");
}

function whole(value: JsonValue | undefined, below: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < below) return value;
  throw new RangeError("not a number in range");
}
