import type { AuditRecord, AuditSink } from "@symbiont/kit";
import { createIpMatcher, type IpAddress } from "@symbiont/net";
import { invalid } from "../sandbox-error.ts";
import { HostList } from "./host-list.ts";

/** What a guest may reach, by way of a proxy of the host's. Whatever is not listed is refused. */
export interface NetworkPolicy {
  /**
   * `host:443`; `*.host:443` for every name below it, not itself; `203.0.113.7:443` and `[2001:db8::7]:443`. Without a
   * port, 443 and 80. At most 256.
   */
  readonly allow: readonly string[];
  /**
   * Addresses and CIDR ranges that may be connected to although they are not public, or this host's own. Default none.
   * They are still reached only by hosts that are listed.
   */
  readonly dangerouslyAllow?: readonly string[];
  /** Asks for the addresses of a host. Default the system's resolver, hosts file included. */
  readonly lookup?: (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Connections at once, 1 to 64. Default 32. */
  readonly maxConnections?: number;
  /** Requests and connections altogether, up to one million. Default 10,000. */
  readonly maxRequests?: number;
  /** Bytes in both directions together, up to one TiB. Default 256 MiB. */
  readonly maxBytes?: number;
  /** Longest silence of a connection, also before a request is whole, 100 to 600,000 ms. Default 30,000. */
  readonly idleMs?: number;
  /** Time for names to be resolved and connections to be made, 100 to 60,000 ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Gets a record of every decision; what it does not take is not allowed. Default none. */
  readonly audit?: AuditSink;
  /** Who the records say has acted. Default the system, as `sandbox`. */
  readonly actor?: AuditRecord["actor"];
}

/** A checked policy, with its defaults. */
export interface ResolvedNetwork {
  readonly hosts: HostList;
  readonly isDangerouslyAllowed: (address: IpAddress) => boolean;
  readonly lookup: (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;
  readonly maxConnections: number;
  readonly maxRequests: number;
  readonly maxBytes: number;
  readonly idleMs: number;
  readonly connectTimeoutMs: number;
  readonly audit: AuditSink | undefined;
  readonly actor: AuditRecord["actor"];
}

const TIB = 1024 ** 4;
const MIB = 1024 ** 2;

/** Default, least and most of each. */
const NUMBERS = {
  maxConnections: [32, 1, 64],
  maxRequests: [10_000, 1, 1_000_000],
  maxBytes: [256 * MIB, 1, TIB],
  idleMs: [30_000, 100, 600_000],
  connectTimeoutMs: [10_000, 100, 60_000],
} as const;

const NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(NUMBERS),
  "allow",
  "dangerouslyAllow",
  "lookup",
  "audit",
  "actor",
]);

/**
 * Checks a policy, and takes a copy that nobody can change any more.
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function resolveNetwork(policy: NetworkPolicy): ResolvedNetwork {
  for (const name of Object.keys(policy)) if (!NAMES.has(name)) invalid(`network.${name} is not an option`);
  const { allow, dangerouslyAllow = [], lookup = resolveAll, audit } = policy;
  const { actor = { kind: "system", id: "sandbox" } } = policy;
  const number = (name: keyof typeof NUMBERS): number => {
    const [byDefault, least, most] = NUMBERS[name];
    const value = policy[name] ?? byDefault;
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    return invalid(`network.${name} must be a whole number from ${least} to ${most}`);
  };
  if (typeof lookup !== "function") invalid("network.lookup must be a function");
  if (audit !== undefined && typeof audit.append !== "function") invalid("network.audit must be a sink");
  return Object.freeze({
    hosts: new HostList(allow),
    isDangerouslyAllowed: matcher(dangerouslyAllow),
    lookup,
    maxConnections: number("maxConnections"),
    maxRequests: number("maxRequests"),
    maxBytes: number("maxBytes"),
    idleMs: number("idleMs"),
    connectTimeoutMs: number("connectTimeoutMs"),
    audit,
    actor: { ...actor },
  });
}

function matcher(entries: readonly string[]): (address: IpAddress) => boolean {
  try {
    return createIpMatcher(entries, "network.dangerouslyAllow");
  } catch (error) {
    return invalid((error as Error).message);
  }
}

async function resolveAll(hostname: string): Promise<readonly string[]> {
  const { lookup } = await import("node:dns/promises");
  const answers = await lookup(hostname, { all: true });
  return answers.map(({ address }) => address);
}
