import { Resolver } from "node:dns/promises";

/** Asks for TXT records: the chunks of each, an empty list when it is certain that there are none. Rejects otherwise. */
export type TxtLookup = (name: string) => Promise<readonly (readonly string[])[]>;

/** Where and how long to ask. */
export interface NodeTxtLookupOptions {
  /** Addresses of name servers, with a port if need be. Default the system's. */
  readonly servers?: readonly string[];
  /** Time for one attempt, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
  /** Attempts for each name server. Default 2. */
  readonly attempts?: number;
}

/** Answers that say for certain that there is no such record. */
const ABSENT: ReadonlySet<unknown> = new Set(["ENOTFOUND", "ENODATA"]);

/** Builds a lookup that asks name servers directly. The answer is not authenticated: DNSSEC is up to the server. */
export function createNodeTxtLookup(options: NodeTxtLookupOptions = {}): TxtLookup {
  const { servers, timeoutMs = 2_000, attempts = 2 } = options;
  for (const [name, value] of Object.entries({ timeoutMs, attempts })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a positive integer`);
  }
  const resolver = new Resolver({ timeout: timeoutMs, tries: attempts });
  if (servers !== undefined) resolver.setServers(servers);
  return async (name) => {
    try {
      return await resolver.resolveTxt(name);
    } catch (error) {
      if (ABSENT.has((error as NodeJS.ErrnoException).code)) return [];
      throw error;
    }
  };
}
