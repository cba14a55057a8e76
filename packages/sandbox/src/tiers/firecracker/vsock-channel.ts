import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { machineFailed } from "../microvm/machine-failed.ts";

/** Where the guest agent listens. */
const AGENT_PORT = 5005;
const RETRY_MS = 10;
const MAX_GREETING = 32;

/**
 * Connects to the agent by way of Firecracker's socket: `CONNECT <port>`, answered by `OK <number>`. While the agent is
 * not there yet, the connection is closed at once.
 *
 * @see https://github.com/firecracker-microvm/firecracker/blob/main/docs/vsock.md
 * @throws SandboxError `SANDBOX_MACHINE_FAILED`; the signal's reason when it aborts.
 */
export async function connectVsock(path: string, timeoutMs: number, signal?: AbortSignal): Promise<Socket> {
  for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; await sleep(RETRY_MS)) {
    signal?.throwIfAborted();
    const socket = await tryOnce(path, deadline - performance.now());
    if (socket !== undefined) return socket;
  }
  throw machineFailed("the guest agent did not begin in time");
}

async function tryOnce(path: string, timeoutMs: number): Promise<Socket | undefined> {
  const socket = connect({ path });
  const late = setTimeout(() => socket.destroy(), timeoutMs);
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect");
    socket.write(`CONNECT ${AGENT_PORT}\n`);
    const greeting = await readLine(socket);
    if (greeting !== undefined && /^OK \d{1,10}$/.test(greeting)) return socket;
    socket.destroy();
    return undefined;
  } catch {
    socket.destroy();
    return undefined;
  } finally {
    clearTimeout(late);
  }
}

/** Byte by byte: what comes after the line is the agent's. */
async function readLine(socket: Socket): Promise<string | undefined> {
  let line = "";
  return new Promise((resolve) => {
    const end = (result: string | undefined): void => {
      socket.off("readable", take);
      socket.off("close", closed);
      resolve(result);
    };
    const closed = (): void => end(undefined);
    const take = (): void => {
      for (
        let byte = socket.read(1) as Buffer | null;
        byte !== null;
        byte = socket.read(1) as Buffer | null
      ) {
        if (byte[0] === 10) return end(line);
        line += byte.toString("latin1");
        if (line.length > MAX_GREETING) return end(undefined);
      }
    };
    socket.on("readable", take);
    socket.on("close", closed);
  });
}
