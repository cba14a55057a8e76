import { excerpt, type JsonValue, parseJson } from "@symbiont/kit";
import type { RunResult } from "../../run/run-result.ts";
import type { RunOptions, Sandbox } from "../../sandbox.ts";
import { SandboxError } from "../../sandbox-error.ts";
import { InputQueue } from "../input-queue.ts";
import { MessageLines } from "./message-lines.ts";

/** A server that speaks the Model Context Protocol on its standard streams. */
export interface SandboxedServer extends Omit<RunOptions, "stdin" | "onOutput"> {
  /** Its limits hold for the server: `wallMs` is how long it may live, at most one hour. */
  readonly sandbox: Sandbox;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Longest message in bytes, in both directions. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Called with what the server writes to its standard error. Default: it is dropped. */
  readonly onStderr?: (data: Uint8Array) => void;
}

/** The shape that clients of the protocol take a transport in. */
export interface SandboxedTransport {
  start(): Promise<void>;
  /** Any message of the protocol. */
  send(message: unknown): Promise<void>;
  close(): Promise<void>;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- each client has its own type for messages
  onmessage?: ((message: any) => void) | undefined;
  /** How the server ended; undefined while it runs. */
  readonly outcome: RunResult | undefined;
}

const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_SHOWN = 80;

/**
 * Runs a server inside a tier and speaks to it as clients do with a server that they start themselves: one message a
 * line. The server has what the sandbox gives it, and nothing else of the host's.
 */
export function sandboxedTransport(server: SandboxedServer): SandboxedTransport {
  return new ServerTransport(server);
}

class ServerTransport implements SandboxedTransport {
  onclose: (() => void) | undefined;
  onerror: ((error: Error) => void) | undefined;
  onmessage: ((message: JsonValue) => void) | undefined;
  readonly #server: SandboxedServer;
  readonly #maxBytes: number;
  readonly #input: InputQueue;
  readonly #lines: MessageLines;
  readonly #closed = new AbortController();
  #running: Promise<void> | undefined;
  #outcome: RunResult | undefined;

  constructor(server: SandboxedServer) {
    this.#server = server;
    this.#maxBytes = server.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#input = new InputQueue(this.#maxBytes);
    this.#lines = new MessageLines(this.#maxBytes);
  }

  get outcome(): RunResult | undefined {
    return this.#outcome;
  }

  /** @throws SandboxError `SANDBOX_INVALID_ARGUMENT` when it was started before. */
  async start(): Promise<void> {
    if (this.#running !== undefined)
      throw new SandboxError("SANDBOX_INVALID_ARGUMENT", "it was started before");
    this.#running = this.#run();
  }

  /** @throws SandboxError `SANDBOX_CLOSED`, `SANDBOX_CAPACITY` when the server does not read. */
  async send(message: unknown): Promise<void> {
    if (this.#running === undefined || this.#closed.signal.aborted)
      throw new SandboxError("SANDBOX_CLOSED", "the server is not running");
    this.#input.push(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }

  /** Ends the server, and resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#input.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { sandbox, command, onStderr, maxMessageBytes: _, signal, ...options } = this.#server;
    try {
      this.#outcome = await sandbox.exec(command, {
        ...options,
        signal: AbortSignal.any([this.#closed.signal, ...(signal === undefined ? [] : [signal])]),
        stdin: this.#input,
        onOutput: ({ stream, data }) => {
          if (stream === "stdout") this.#take(data);
          else onStderr?.(data);
        },
      });
    } catch (error) {
      this.#tell(error as Error);
    } finally {
      this.#closed.abort();
      this.#input.end();
      quietly(() => this.onclose?.());
    }
  }

  #take(data: Uint8Array): void {
    // What still comes of a server that is being ended is nothing to anybody.
    if (this.#closed.signal.aborted) return;
    for (const line of this.#lines.push(data)) {
      if (line === "too long") {
        this.#tell(new SandboxError("SANDBOX_FILE_REFUSED", "the server sent a message that is too long"));
        this.#closed.abort();
        return;
      }
      this.#deliver(line);
    }
  }

  #deliver(line: Uint8Array): void {
    let message: JsonValue;
    try {
      message = parseJson(line, { maxBytes: this.#maxBytes, unsafeIntegers: "round" });
    } catch (cause) {
      const text = excerpt(new TextDecoder().decode(line), MAX_SHOWN);
      this.#tell(new Error(`the server sent what is no message: ${text}`, { cause }));
      return;
    }
    try {
      this.onmessage?.(message);
    } catch (error) {
      // Whoever fails at one message still gets those that came with it.
      this.#tell(error as Error);
    }
  }

  #tell(error: Error): void {
    quietly(() => this.onerror?.(error));
  }
}

/** There is nobody to tell that a listener has failed. */
function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // It was the last to hear of it.
  }
}
