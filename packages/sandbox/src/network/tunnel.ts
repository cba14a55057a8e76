import type { Socket } from "node:net";
import { MAX_HELLO_BYTES, readClientHello } from "./client-hello.ts";
import { EgressDenied } from "./egress-denied.ts";
import type { EgressGate } from "./egress-gate.ts";
import type { NetworkTarget } from "./network-target.ts";

/** Bytes that may come with the end of the first message. */
const MOST_AT_ONCE = 65_536;
/** Fatal alert `unrecognized_name`: whoever speaks TLS hears why the connection ends. */
const ALERT = Uint8Array.of(21, 3, 3, 0, 2, 2, 112);

/**
 * Carries a tunnel once its first message has named the server that it was asked for: until then, nothing of it reaches
 * the other side.
 *
 * @param head bytes that came with the request.
 * @throws EgressDenied after both sides have been ended.
 */
export async function carryTunnel(
  guest: Socket,
  server: Socket,
  head: Uint8Array,
  target: NetworkTarget,
  { gate, idleMs }: { readonly gate: EgressGate; readonly idleMs: number },
): Promise<void> {
  const end = (): void => {
    guest.destroy();
    server.destroy();
  };
  guest.once("close", end);
  server.once("close", end);
  let begun: Uint8Array;
  try {
    begun = await firstMessage(guest, head, target, idleMs);
  } catch (error) {
    if (!guest.destroyed) guest.end(ALERT);
    server.destroy();
    throw error;
  }
  server.write(begun);
  guest.pipe(server);
  server.pipe(guest);
  gate.budget.add(server, guest);
}

/** All that came until the first message was whole, and named the right server. */
async function firstMessage(
  guest: Socket,
  head: Uint8Array,
  { host, address }: NetworkTarget,
  timeoutMs: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(MAX_HELLO_BYTES + MOST_AT_ONCE, head.length));
  let have = 0;
  /** Whether it is there; what is not TLS is refused. */
  const take = (chunk: Uint8Array): boolean => {
    if (have + chunk.length > bytes.length) throw new EgressDenied("SANDBOX_TUNNEL_NOT_TLS");
    bytes.set(chunk, have);
    have += chunk.length;
    const hello = orRefuse(() => readClientHello(bytes.subarray(0, have)));
    if (hello === undefined) return false;
    // An address is never named there, so that there is nothing to compare.
    const isRight = hello.serverName?.toLowerCase() === (address === undefined ? host : undefined);
    if (!isRight || hello.hasEncryptedHello) throw new EgressDenied("SANDBOX_SERVER_NAME_MISMATCH");
    return true;
  };
  if (!take(head)) await untilTaken(guest, take, timeoutMs);
  return bytes.subarray(0, have);
}

async function untilTaken(
  guest: Socket,
  take: (chunk: Uint8Array) => boolean,
  timeoutMs: number,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(late);
      guest.off("data", onData).off("close", onEnd).off("end", onEnd).pause();
      if (error === undefined) resolve();
      else reject(error);
    };
    const onEnd = (): void => settle(new EgressDenied("SANDBOX_TUNNEL_NOT_TLS"));
    const onData = (chunk: Uint8Array): void => {
      try {
        if (take(chunk)) settle();
      } catch (error) {
        settle(error as Error);
      }
    };
    // However slowly it comes, it has to come.
    const late = setTimeout(onEnd, timeoutMs);
    // It may have ended while nobody listened.
    if (guest.readableEnded) onEnd();
    else guest.on("data", onData).once("close", onEnd).once("end", onEnd).resume();
  });
}

function orRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new EgressDenied("SANDBOX_TUNNEL_NOT_TLS");
  }
}
