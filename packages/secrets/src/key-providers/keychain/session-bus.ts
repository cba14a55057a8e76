import { createConnection, type Socket } from "node:net";
import { concatBytes, decodeUtf8, encodeHex, encodeUtf8 } from "@symbiont/kit";
import { type BusCall, type BusMessage, readMessage, writeCall } from "./bus-message.ts";
import type { BusReader } from "./bus-reader.ts";

const NEWLINE = 0x0a;
const MAX_AUTH_BYTES = 4096;

/** The bus answered a call with an error. */
export class BusCallError extends Error {
  /** For example `org.freedesktop.DBus.Error.ServiceUnknown`. */
  readonly errorName: string;

  constructor(errorName: string) {
    super(`the session bus answered ${errorName}`);
    this.errorName = errorName;
  }
}

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to the D-Bus session bus, for the few questions of this folder. Native keyring modules answer none
 * of them, and their calls block the event loop while the bus starts a service.
 */
export class SessionBus {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting<BusReader>>();
  #received: Uint8Array = new Uint8Array();
  #serial = 0;
  #greeting: Waiting<void> | undefined;
  #ended: Error | undefined;

  /** Connects and says hello. @param path of the socket, as `busSockets` gives it. */
  static async connect(path: string, signal: AbortSignal): Promise<SessionBus> {
    const bus = new SessionBus(createConnection({ path, signal }));
    try {
      await bus.#authenticate();
      await bus.call({
        destination: "org.freedesktop.DBus",
        path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus",
        member: "Hello",
      });
      return bus;
    } catch (error) {
      bus.close();
      throw error;
    }
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("the session bus closed the connection")));
  }

  /** Calls a method and gives the body of its answer. @throws BusCallError, and errors of the socket. */
  async call(call: BusCall): Promise<BusReader> {
    if (this.#ended !== undefined) throw this.#ended;
    this.#serial += 1;
    const serial = this.#serial;
    return new Promise((resolve, reject) => {
      this.#waiting.set(serial, { resolve, reject });
      this.#socket.write(writeCall(call, serial));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  // The bus sees from the socket itself whose process this is; EXTERNAL only says who we claim to be.
  async #authenticate(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#greeting = { resolve, reject };
      const identity = encodeHex(encodeUtf8(String(process.geteuid?.() ?? 0)));
      this.#socket.write(`\0AUTH EXTERNAL ${identity}\r\n`);
    });
    this.#socket.write("BEGIN\r\n");
  }

  #receive(chunk: Uint8Array): void {
    this.#received = concatBytes(this.#received, chunk);
    try {
      if (this.#greeting !== undefined && !this.#readGreeting()) return;
      for (let next = readMessage(this.#received); next !== undefined; next = readMessage(this.#received)) {
        this.#received = this.#received.subarray(next.length);
        this.#answer(next.message);
      }
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error("the session bus sent something unreadable"));
      this.close();
    }
  }

  #readGreeting(): boolean {
    const end = this.#received.indexOf(NEWLINE);
    if (end < 0 && this.#received.length < MAX_AUTH_BYTES) return false;
    if (end < 0 || !decodeUtf8(this.#received.subarray(0, end)).startsWith("OK "))
      throw new Error("the session bus does not accept this user");
    this.#received = this.#received.subarray(end + 1);
    this.#greeting?.resolve();
    this.#greeting = undefined;
    return true;
  }

  #answer({ kind, replySerial, errorName, body }: BusMessage): void {
    if (kind === "other" || replySerial === undefined) return;
    const waiting = this.#waiting.get(replySerial);
    this.#waiting.delete(replySerial);
    if (kind === "return") waiting?.resolve(body);
    else waiting?.reject(new BusCallError(errorName ?? "an error without a name"));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#greeting?.reject(this.#ended);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}
