import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { JournalRecord } from "../../read/journal-records.ts";
import type { RecordSink } from "../../shipping/record-sink.ts";
import { type SyslogIdentity, syslogMessage } from "./syslog-message.ts";

/** Which server is spoken to, and as whom. */
export interface SyslogSinkOptions extends SyslogIdentity {
  readonly host: string;
  readonly port: number;
  /** Options of the TLS connection, `{}` for the defaults. Default plain TCP, which belongs on a loopback only. */
  readonly tls?: ConnectionOptions;
  /** Default `"syslog"`. */
  readonly name?: string;
}

/**
 * Sends the records as RFC 5424 messages, octet-counted over TCP or TLS (RFC 6587, RFC 5425). UDP is not offered.
 *
 * Syslog acknowledges nothing: what the system had taken when a connection broke may be lost. Keep another sink, or
 * compare sequences at the receiver.
 */
export function syslogSink(options: SyslogSinkOptions): RecordSink {
  let socket: Promise<Socket> | undefined;
  return {
    name: options.name ?? "syslog",
    send: async (records, signal) => {
      socket ??= open(options, signal);
      try {
        await write(await socket, records.map((record) => frame(record, options)).join(""));
      } catch (error) {
        const failed = socket;
        socket = undefined;
        await failed.then((broken) => broken.destroy()).catch(() => undefined);
        throw error;
      }
    },
  };
}

function frame(record: JournalRecord, identity: SyslogIdentity): string {
  const message = syslogMessage(record, identity);
  return `${Buffer.byteLength(message)} ${message}`;
}

async function open({ host, port, tls }: SyslogSinkOptions, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = tls === undefined ? connectTcp({ host, port }) : connectTls({ ...tls, host, port });
    const abort = (): void => void socket.destroy(new Error("the connection took too long"));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", reject);
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      signal.removeEventListener("abort", abort);
      socket.off("error", reject);
      // Told by the next write.
      socket.on("error", () => undefined);
      socket.unref();
      resolve(socket);
    });
  });
}

async function write(socket: Socket, text: string): Promise<void> {
  if (socket.destroyed || !socket.writable) throw new Error("the connection is closed");
  await new Promise<void>((resolve, reject) => {
    socket.once("close", closed);
    socket.write(text, (error) => {
      socket.off("close", closed);
      if (error) reject(error);
      else resolve();
    });
    function closed(): void {
      reject(new Error("the connection was closed"));
    }
  });
}
