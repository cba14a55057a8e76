import { lookup as systemLookup } from "node:dns/promises";
import { NetError, tryParseIp, unmapIp } from "@symbiont/net";
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from "@symbiont/net/guarded-fetch";
import { MAX_DOCUMENT_BYTES } from "../documents/parse-document-text.ts";

/**
 * Builds the fetch that issuers' documents come through: verified https, public addresses only, no redirects, 5 seconds,
 * 1 MiB, 16 at a time; a host that cannot be reached is left alone for 10 seconds. An IPv4 address in the clothes of an
 * IPv6 one is refused, whichever it is: no name server has a reason to give one.
 *
 * @param options what is to be otherwise.
 * @throws TypeError or RangeError as `createGuardedFetch` does.
 */
export function createIssuerFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const lookup = options.lookup ?? resolveAll;
  return createGuardedFetch({
    maxBytes: MAX_DOCUMENT_BYTES,
    timeoutMs: 5_000,
    maxConcurrent: 16,
    negativeTtlMs: 10_000,
    ...options,
    lookup: async (hostname, signal) => {
      const answers = await lookup(hostname, signal);
      if (answers.some(isMapped)) throw new NetError("NET_DNS_NOT_PUBLIC", "host has a mapped address");
      return answers;
    },
  });
}

function isMapped(answer: string): boolean {
  const address = tryParseIp(answer);
  return address?.version === 6 && unmapIp(address).version === 4;
}

async function resolveAll(hostname: string): Promise<readonly string[]> {
  const answers = await systemLookup(hostname, { all: true });
  return answers.map(({ address }) => address);
}
