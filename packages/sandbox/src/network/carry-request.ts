import { type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { EgressDenied } from "./egress-denied.ts";
import type { EgressGate } from "./egress-gate.ts";
import { formatTarget, type NetworkTarget, parseAuthority } from "./network-target.ts";

/** Meant for the next hop alone. */
const HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a request says what it is for only once: with a second host, it is not certain which one is believed. */
export function namesOneHost(
  { rawHeaders }: IncomingMessage,
  target: NetworkTarget,
  defaultPort: number,
): boolean {
  const hosts = rawHeaders.filter(
    (_, index) => rawHeaders[index - 1]?.toLowerCase() === "host" && index % 2 === 1,
  );
  return (
    hosts.length < 2 &&
    hosts.every((text) => {
      const named = parseAuthority(/:[0-9]{1,5}$/.test(text) ? text : `${text}:${defaultPort}`);
      return named?.host === target.host && named.port === target.port;
    })
  );
}

/**
 * Passes on an unencrypted request, and the answer. It is written anew, so that both sides read the same.
 * @throws EgressDenied when there is no answer.
 */
export async function carryRequest(
  from: IncomingMessage,
  to: ServerResponse,
  {
    server,
    target,
    path,
    gate,
  }: {
    readonly server: Socket;
    readonly target: NetworkTarget;
    readonly path: string;
    readonly gate: EgressGate;
  },
): Promise<void> {
  const onward = request({
    // Only without an agent is this what it goes by: an agent would dial, and ask the host's settings how.
    createConnection: () => server,
    method: from.method ?? "GET",
    path,
    headers: { ...onwardHeaders(from), host: hostOf(target), connection: "close" },
    setHost: false,
    maxHeaderSize: 65_536,
  });
  to.once("close", () => server.destroy());
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    onward.once("response", resolve);
    onward.once("error", reject);
    onward.once("close", () => reject(new Error("closed")));
  });
  onward.once("socket", () => gate.budget.add(server, from));
  onward.on("error", () => server.destroy());
  from.on("error", () => server.destroy());
  from.pipe(onward);
  const answer = await answered.catch(() => {
    throw new EgressDenied("SANDBOX_HOST_UNREACHABLE");
  });
  // Cut off is cut off: an answer that breaks must not look whole.
  answer.on("error", () => to.destroy());
  answer.on("aborted", () => to.destroy());
  to.writeHead(answer.statusCode ?? 502, withoutHop(answer.rawHeaders));
  answer.pipe(to);
}

/** As browsers write it: without the port that is meant anyway. */
function hostOf(target: NetworkTarget): string {
  return formatTarget(target).replace(/:80$/, "");
}

function onwardHeaders({ rawHeaders }: IncomingMessage): Record<string, string[]> {
  const kept: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  const pairs = withoutHop(rawHeaders);
  for (let index = 0; index < pairs.length; index += 2) {
    const name = (pairs[index] as string).toLowerCase();
    if (name !== "host") (kept[name] ??= []).push(pairs[index + 1] as string);
  }
  return kept;
}

/** Names and values in turn, those for this hop left out. */
function withoutHop(raw: readonly string[]): string[] {
  const named = raw
    .filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === "connection")
    .flatMap((value) =>
      value
        .toLowerCase()
        .split(",")
        .map((name) => name.trim()),
    );
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    if (!HOP.has(name) && !named.includes(name)) kept.push(raw[index] as string, raw[index + 1] as string);
  }
  return kept;
}
