import type { DecisionRequest, Principal } from "@symbiont/kit";

/**
 * A network access as a request to a policy, said in one way only: the operation is `connect`, its first subject has
 * `scheme`, `host` (lower case, ASCII, addresses in their shortest form), `port` and `path` (nothing escaped that need not
 * be). So
 * `allow: connect(to) if to.host == "api.example" && to.scheme == "https"` cannot be got round by spelling.
 *
 * A host name says nothing about where it leads: connect with a fetch that checks addresses.
 * @throws RangeError when it is no absolute URL with a host, or holds a user name.
 */
export function networkRequest(principal: Principal, url: string): DecisionRequest {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new RangeError("url must be an absolute URL");
  }
  const { protocol, pathname, username, password } = parsed;
  const host = hostOf(parsed).replace(/\.$/, "");
  if (host === "" || username !== "" || password !== "")
    throw new RangeError("url must have a host and no user");
  const scheme = protocol.slice(0, -1);
  const port = parsed.port === "" ? (DEFAULT_PORTS.get(scheme) ?? 0) : Number(parsed.port);
  return {
    principal,
    action: "connect",
    resource: { kind: "network", id: `${scheme}://${host}:${port}` },
    context: { subjects: [{ scheme, host, port, path: pathOf(pathname) }] },
  };
}

/** The parser leaves hosts of schemes that it does not know as they are written; they are read as those of `http`. */
function hostOf({ protocol, hostname }: URL): string {
  if (DEFAULT_PORTS.has(protocol.slice(0, -1)) || hostname === "") return hostname;
  if (!URL.canParse(`http://${hostname}/`)) throw new RangeError("url must have a host that can be read");
  return new URL(`http://${hostname}/`).hostname;
}

/** RFC 3986 section 6.2.2: what need not be escaped is not, and escapes are in upper case. */
function pathOf(pathname: string): string {
  return pathname.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
  ["ws", 80],
  ["wss", 443],
  ["ftp", 21],
]);
