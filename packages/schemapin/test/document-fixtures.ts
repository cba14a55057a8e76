import { generateKeyPair, type PrivateKey } from "@symbiont/keys";
import {
  type DiscoveryDocument,
  type DocumentResolver,
  MemoryTrustLedger,
  PublisherSource,
  type PublisherSourceOptions,
  parseDiscoveryDocument,
  type Resolution,
  SchemaPinError,
} from "@symbiont/schemapin";
import { expect } from "vitest";
import { discoveryOf, key } from "./fixtures.ts";

export const otherKey: PrivateKey = generateKeyPair("ES256").privateKey;
export const fingerprint: string = key.publicKey.fingerprint;
export const otherFingerprint: string = otherKey.publicKey.fingerprint;

/** A clock that stands until it is moved. */
export class ManualClock {
  time = Date.parse("2026-06-01T00:00:00Z");

  now(): number {
    return this.time;
  }

  pass(ms: number): void {
    this.time += ms;
  }
}

export const absent = { status: "absent" } as const;
export const unavailable = {
  status: "unavailable",
  error: new SchemaPinError("SCHEMAPIN_DISCOVERY_FETCH_FAILED", "down", { retryable: true }),
} as const;
export const invalid = {
  status: "invalid",
  error: new SchemaPinError("SCHEMAPIN_DISCOVERY_INVALID", "forged"),
} as const;

export function found(document: object, maxAgeMs?: number): Resolution<DiscoveryDocument> {
  const parsed = parseDiscoveryDocument(document);
  return { status: "ok", document: parsed, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) };
}

export function listed(...fingerprints: readonly string[]): Resolution<ReadonlySet<string>> {
  return { status: "ok", document: new Set(fingerprints) };
}

/** A resolver whose answers can be changed, and that counts how often it is asked. */
export class FakeResolver implements DocumentResolver {
  asked = 0;
  discovery: Resolution<DiscoveryDocument>;
  revocation: Resolution<ReadonlySet<string>>;

  constructor(
    discovery: Resolution<DiscoveryDocument> = found(discoveryOf(key)),
    revocation: Resolution<ReadonlySet<string>> = absent,
  ) {
    this.discovery = discovery;
    this.revocation = revocation;
  }

  async resolveDiscovery(): Promise<Resolution<DiscoveryDocument>> {
    this.asked += 1;
    return this.discovery;
  }

  async resolveRevocation(): Promise<Resolution<ReadonlySet<string>>> {
    return this.revocation;
  }
}

/** A strict source over one fake resolver, with a clock that stands. */
export function sourceOf(more: Partial<PublisherSourceOptions> = {}): {
  readonly source: PublisherSource;
  readonly resolver: FakeResolver;
  readonly clock: ManualClock;
} {
  const resolver = new FakeResolver();
  const clock = new ManualClock();
  const ledger = new MemoryTrustLedger();
  return {
    resolver,
    clock,
    source: new PublisherSource({ resolver, clock, ledger, mode: "strict", ...more }),
  };
}

export const refused = (code: string): Error => expect.objectContaining({ code }) as Error;
