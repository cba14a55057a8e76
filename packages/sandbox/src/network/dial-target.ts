import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { formatIp, type IpAddress, isPublicIp, tryParseIp, unmapIp } from "@symbiont/net";
import { EgressDenied } from "./egress-denied.ts";
import type { ResolvedNetwork } from "./network-policy.ts";
import type { NetworkTarget } from "./network-target.ts";

/** A host may have any number of addresses; these many are tried. */
const MAX_ATTEMPTS = 4;

/** Addresses that may be connected to, and whether any of them is there only because the policy says so. */
export interface CheckedAddresses {
  readonly addresses: readonly IpAddress[];
  readonly isDangerous: boolean;
}

/**
 * Asks once for the addresses of a host, and refuses all of them unless each may be connected to: a name must not lead
 * to the inside of the network, nor to this host.
 *
 * @throws EgressDenied
 */
export async function checkedAddresses(
  target: NetworkTarget,
  { lookup, isDangerouslyAllowed }: ResolvedNetwork,
  signal: AbortSignal,
): Promise<CheckedAddresses> {
  const addresses =
    target.address === undefined ? await resolve(target.host, lookup, signal) : [target.address];
  const own = ownAddresses();
  const isPublic = (address: IpAddress): boolean =>
    isPublicIp(address) && !own.has(formatIp(unmapIp(address)));
  for (const address of addresses)
    if (!isPublic(address) && !isDangerouslyAllowed(address))
      throw new EgressDenied("SANDBOX_ADDRESS_NOT_PUBLIC");
  return { addresses: addresses.map(unmapIp), isDangerous: !addresses.every(isPublic) };
}

async function resolve(
  host: string,
  lookup: ResolvedNetwork["lookup"],
  signal: AbortSignal,
): Promise<readonly IpAddress[]> {
  const answers: unknown = await unlessAborted(lookup(host, signal), signal).catch(() => []);
  if (!Array.isArray(answers) || answers.length === 0) throw new EgressDenied("SANDBOX_HOST_UNKNOWN");
  return answers.map((answer: unknown) => {
    const address = typeof answer === "string" ? tryParseIp(answer) : undefined;
    if (address === undefined) throw new EgressDenied("SANDBOX_HOST_UNKNOWN");
    return address;
  });
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}

/** A public address of this host's leads to this host all the same. */
function ownAddresses(): ReadonlySet<string> {
  const own = new Set<string>();
  for (const entries of Object.values(networkInterfaces()))
    for (const { address } of entries ?? []) {
      const parsed = tryParseIp(address);
      if (parsed !== undefined) own.add(formatIp(unmapIp(parsed)));
    }
  return own;
}

/**
 * Connects to one of the addresses, and to nothing else: neither resolver nor proxy settings of the host take part.
 * @throws EgressDenied `SANDBOX_HOST_UNREACHABLE`
 */
export async function dialTarget(
  addresses: readonly IpAddress[],
  port: number,
  timeoutMs: number,
  outer: AbortSignal,
): Promise<Socket> {
  const candidates = addresses.slice(0, MAX_ATTEMPTS);
  for (const address of candidates) {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(Math.ceil(timeoutMs / candidates.length))]);
    const socket = await dial(formatIp(address), port, signal);
    if (socket !== undefined) return socket;
  }
  throw new EgressDenied("SANDBOX_HOST_UNREACHABLE");
}

async function dial(host: string, port: number, signal: AbortSignal): Promise<Socket | undefined> {
  if (signal.aborted) return undefined;
  const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
  return new Promise((resolve) => {
    const fail = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    signal.addEventListener("abort", fail, { once: true });
    socket.once("error", fail);
    socket.once("connect", () => {
      signal.removeEventListener("abort", fail);
      socket.off("error", fail);
      socket.on("error", () => socket.destroy());
      const peer = tryParseIp(socket.remoteAddress ?? "");
      if (peer === undefined || formatIp(unmapIp(peer)) !== host) return fail();
      resolve(socket);
    });
  });
}
