import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import type { CheckedUrl, UrlPolicy } from "../check-url.ts";
import { isPublicIp } from "../classify-ip.ts";
import { NetError } from "../errors.ts";
import { formatIp } from "../format-ip.ts";
import { type IpAddress, tryParseIp, unmapIp } from "../ip-address.ts";
import { startDeadline, untilAborted } from "./deadline.ts";

/** Asks for the addresses of a host name. Every answer is checked; only checked addresses are connected to. */
export type Lookup = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;

/** What {@link openConnection} needs to know. */
export interface ConnectSettings {
  readonly policy: UrlPolicy;
  readonly lookup: Lookup;
  readonly connectTimeoutMs: number;
  readonly secureContext: () => SecureContext;
  readonly onDangerouslyAllowed: () => void;
}

/** A host may have any number of addresses; these many are tried. */
const MAX_ATTEMPTS = 4;

/**
 * Opens a connection to a checked URL: resolves once, refuses unless every answer may be connected to, dials
 * those very addresses and, for https, completes a verified handshake under the URL's host name. The runtime's
 * resolver, agents and proxy settings take no part.
 */
export async function openConnection(
  target: CheckedUrl,
  settings: ConnectSettings,
  outer: AbortSignal,
): Promise<Socket> {
  const { signal, clear } = startDeadline(settings.connectTimeoutMs, "connecting", outer);
  try {
    const addresses =
      target.address === undefined
        ? await resolve(target.hostname, settings, signal)
        : [unmapIp(target.address)];
    if (!addresses.every(isPublicIp)) settings.onDangerouslyAllowed();
    const context = target.secure ? settings.secureContext() : undefined;
    const socket = await dialFirst(addresses, target.port, settings.connectTimeoutMs, signal);
    return context === undefined ? socket : await startTls(socket, target, context, signal);
  } finally {
    clear();
  }
}

async function resolve(
  hostname: string,
  { lookup, policy }: ConnectSettings,
  signal: AbortSignal,
): Promise<readonly IpAddress[]> {
  let answers: unknown;
  try {
    answers = await untilAborted(lookup(hostname, signal), signal);
  } catch (cause) {
    if (cause instanceof NetError) throw cause;
    throw new NetError("NET_DNS_FAILED", "host name could not be resolved", { cause });
  }
  if (!Array.isArray(answers) || !answers.every((answer) => typeof answer === "string"))
    throw new NetError("NET_DNS_FAILED", "lookup did not return a list of addresses");
  return policy.checkAnswers(answers);
}

/** Tries the addresses in turn, each for its share of the time, so that one dead address does not use it up. */
async function dialFirst(
  addresses: readonly IpAddress[],
  port: number,
  timeoutMs: number,
  outer: AbortSignal,
): Promise<Socket> {
  const candidates = addresses.slice(0, MAX_ATTEMPTS);
  let failure: unknown;
  for (const address of candidates) {
    const attempt = startDeadline(Math.ceil(timeoutMs / candidates.length), "connecting", outer);
    try {
      return await dial(address, port, attempt.signal);
    } catch (error) {
      failure = error;
      if (outer.aborted) break;
    } finally {
      attempt.clear();
    }
  }
  throw failure;
}

async function dial(address: IpAddress, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host: formatIp(address), port, noDelay: true });
  await ready(socket, "connect", signal, (error) => {
    // The runtime's message names the address that was dialled, so it is not passed on.
    return new NetError("NET_CONNECT_FAILED", `connection failed (${error.code ?? "unknown"})`);
  });
  const peer = tryParseIp(socket.remoteAddress ?? "");
  if (peer !== undefined && formatIp(unmapIp(peer)) === formatIp(address)) return socket;
  socket.destroy();
  throw new NetError("NET_PEER_MISMATCH", "connection does not lead to the address that was checked");
}

async function startTls(
  socket: Socket,
  target: CheckedUrl,
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<Socket> {
  const isAddress = target.address !== undefined;
  const secured = connectTls({
    socket,
    secureContext,
    host: target.hostname,
    // RFC 6066: the server name extension carries no addresses and no trailing dot.
    servername: isAddress ? "" : target.hostname.replace(/\.$/, ""),
    ALPNProtocols: ["http/1.1"],
    // Written out because the default can be switched off by NODE_TLS_REJECT_UNAUTHORIZED.
    rejectUnauthorized: true,
  });
  await ready(secured, "secureConnect", signal, (cause) => {
    return new NetError("NET_TLS_FAILED", `tls handshake failed (${cause.code ?? "unknown"})`, { cause });
  });
  return secured;
}

/** Waits for a socket's first success event; on failure or abort the socket is destroyed. */
async function ready(
  socket: Socket,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
  wrap: (error: NodeJS.ErrnoException) => NetError,
): Promise<void> {
  // Stays attached: a socket that fails between two owners must not bring the process down.
  socket.on("error", () => undefined);
  let onError: ((error: Error) => void) | undefined;
  let onClose: (() => void) | undefined;
  try {
    await untilAborted(
      new Promise<void>((resolve, reject) => {
        onError = (error) => reject(wrap(error));
        onClose = () => reject(wrap(Object.assign(new Error("socket closed"), { code: "ECONNRESET" })));
        socket.once("error", onError).once("close", onClose).once(event, resolve);
      }),
      signal,
    );
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    if (onError !== undefined) socket.off("error", onError);
    if (onClose !== undefined) socket.off("close", onClose);
  }
}
