import { MemoryTrustLedger, PublisherSource } from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import {
  absent,
  FakeResolver,
  fingerprint,
  found,
  invalid,
  listed,
  ManualClock,
  otherFingerprint,
  refused,
  sourceOf,
  unavailable,
} from "./document-fixtures.ts";
import { discoveryOf, domain, key } from "./fixtures.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe("a publisher", () => {
  test("is its document and everything it revokes", async () => {
    const { source, resolver } = sourceOf();
    resolver.discovery = found(discoveryOf(key, { revoked_keys: [otherFingerprint] }));
    resolver.revocation = listed(fingerprint);
    expect(await source.publisher("Tools.Example.com.")).toMatchObject({
      domain,
      document: { publicKey: key.publicKey },
      revoked: new Set([otherFingerprint, fingerprint]),
      warnings: [],
    });
  });

  test("is looked up once for all who ask at the same time", async () => {
    const { source, resolver } = sourceOf();
    const [one, two] = await Promise.all([source.publisher(domain), source.publisher(domain)]);
    expect(one).toBe(two);
    expect(resolver.asked).toBe(1);
  });

  test.each([
    ["unavailable", unavailable, true],
    ["absent", absent, false],
  ])("whose document is %s is refused", async (_, answer, retryable) => {
    const { source, resolver } = sourceOf();
    resolver.discovery = answer;
    await expect(source.publisher(domain)).rejects.toMatchObject({
      code: "SCHEMAPIN_DISCOVERY_FETCH_FAILED",
      protocolCode: "discovery_fetch_failed",
      retryable,
    });
  });

  test("whose document or list is invalid is refused, also in permissive mode", async () => {
    const { source, resolver, clock } = sourceOf({ mode: "permissive" });
    resolver.revocation = invalid;
    await expect(source.publisher(domain)).rejects.toBe(invalid.error);
    clock.pass(MINUTE);
    resolver.discovery = invalid;
    resolver.revocation = absent;
    await expect(source.publisher(domain)).rejects.toBe(invalid.error);
  });

  test("without a publisher's domain is refused", async () => {
    const { source } = sourceOf();
    await expect(source.publisher("localhost")).rejects.toThrow(refused("SCHEMAPIN_DOMAIN_INVALID"));
  });
});

describe("what was found", () => {
  test("is used for as long as its source allows, but no key for more than an hour", async () => {
    const { source, resolver, clock } = sourceOf({ maxRevocationAgeMs: 10 * HOUR });
    resolver.discovery = found(discoveryOf(key), 2 * MINUTE);
    await source.publisher(domain);
    clock.pass(2 * MINUTE - 1);
    await source.publisher(domain);
    expect(resolver.asked).toBe(1);
    clock.pass(1);
    resolver.discovery = found(discoveryOf(key), 9 * HOUR);
    await source.publisher(domain);
    expect(resolver.asked).toBe(2);
    clock.pass(HOUR - 1);
    await source.publisher(domain);
    expect(resolver.asked).toBe(2);
    clock.pass(1);
    await source.publisher(domain);
    expect(resolver.asked).toBe(3);
  });

  test("is looked at again after five minutes for revocations, without fetching the key again", async () => {
    const { source, resolver, clock } = sourceOf();
    resolver.discovery = found(discoveryOf(key), HOUR);
    resolver.revocation = { status: "ok", document: new Set(), maxAgeMs: HOUR };
    expect((await source.publisher(domain)).revoked).toEqual(new Set());
    resolver.revocation = listed(fingerprint);
    clock.pass(5 * MINUTE - 1);
    expect((await source.publisher(domain)).revoked).toEqual(new Set());
    clock.pass(1);
    expect((await source.publisher(domain)).revoked).toEqual(new Set([fingerprint]));
    expect(resolver.asked).toBe(1);
  });

  test("is used for ten seconds when its source says nothing, and so are failures", async () => {
    const { source, resolver, clock } = sourceOf();
    resolver.discovery = unavailable;
    await expect(source.publisher(domain)).rejects.toThrow();
    resolver.discovery = found(discoveryOf(key));
    clock.pass(9_999);
    await expect(source.publisher(domain)).rejects.toThrow();
    clock.pass(1);
    await source.publisher(domain);
    clock.pass(9_999);
    await source.publisher(domain);
    expect(resolver.asked).toBe(2);
    clock.pass(1);
    await source.publisher(domain);
    expect(resolver.asked).toBe(3);
  });

  test("is not used any longer because the clock was set back", async () => {
    const { source, resolver, clock } = sourceOf();
    resolver.discovery = found(discoveryOf(key), HOUR);
    await source.publisher(domain);
    clock.pass(-HOUR);
    await source.publisher(domain);
    expect(resolver.asked).toBe(2);
  });
});

describe("a document past its time", () => {
  test("is not used in strict mode", async () => {
    const { source, resolver, clock } = sourceOf();
    await source.publisher(domain);
    resolver.discovery = unavailable;
    clock.pass(HOUR);
    await expect(source.publisher(domain)).rejects.toThrow(refused("SCHEMAPIN_DISCOVERY_FETCH_FAILED"));
  });

  test("is used in permissive mode for a day, with a warning", async () => {
    const { source, resolver, clock } = sourceOf({ mode: "permissive" });
    resolver.discovery = found(discoveryOf(key), HOUR);
    await source.publisher(domain);
    resolver.discovery = unavailable;
    clock.pass(HOUR + 24 * HOUR - 1);
    expect((await source.publisher(domain)).warnings).toEqual(["discovery_stale"]);
    clock.pass(10_000);
    await expect(source.publisher(domain)).rejects.toThrow(refused("SCHEMAPIN_DISCOVERY_FETCH_FAILED"));
  });

  test("is not used when it was taken down", async () => {
    const { source, resolver, clock } = sourceOf({ mode: "permissive" });
    await source.publisher(domain);
    resolver.discovery = absent;
    clock.pass(HOUR);
    await expect(source.publisher(domain)).rejects.toThrow(refused("SCHEMAPIN_DISCOVERY_FETCH_FAILED"));
  });
});

describe("revocations that cannot be had", () => {
  test("refuse in strict mode", async () => {
    const { source, resolver } = sourceOf();
    resolver.revocation = unavailable;
    await expect(source.publisher(domain)).rejects.toMatchObject({
      code: "SCHEMAPIN_REVOCATION_UNAVAILABLE",
      retryable: true,
      cause: unavailable.error,
    });
  });

  test("are a warning in permissive mode, and what is known in part counts", async () => {
    const { source, resolver } = sourceOf({ mode: "permissive" });
    resolver.revocation = { ...unavailable, partial: new Set([fingerprint]) };
    expect(await source.publisher(domain)).toMatchObject({
      revoked: new Set([fingerprint]),
      warnings: ["revocation_unavailable"],
    });
  });

  test("are remembered in part, also when they refuse", async () => {
    const ledger = new MemoryTrustLedger();
    const { source, resolver } = sourceOf({ ledger });
    resolver.revocation = { ...unavailable, partial: new Set([fingerprint]) };
    await expect(source.publisher(domain)).rejects.toThrow();
    expect(await ledger.revokedKeys(domain)).toEqual(new Set([fingerprint]));
  });
});

describe("a key that was revoked once", () => {
  test("stays revoked when the lists no longer name it", async () => {
    const { source, resolver, clock } = sourceOf();
    resolver.discovery = found(discoveryOf(key, { revoked_keys: [otherFingerprint] }));
    resolver.revocation = listed(fingerprint);
    await source.publisher(domain);
    resolver.discovery = found(discoveryOf(key));
    resolver.revocation = listed();
    clock.pass(HOUR);
    expect((await source.publisher(domain)).revoked).toEqual(new Set([otherFingerprint, fingerprint]));
  });

  test("stays revoked for another source with the same ledger, but only for its domain", async () => {
    const ledger = new MemoryTrustLedger();
    const first = sourceOf({ ledger });
    first.resolver.revocation = listed(fingerprint);
    await first.source.publisher(domain);
    const { source } = sourceOf({ ledger });
    expect((await source.publisher(domain)).revoked).toEqual(new Set([fingerprint]));
    expect((await source.publisher("other.example")).revoked).toEqual(new Set());
  });

  test("stays revoked at the very look-up that revokes another one", async () => {
    const ledger = new MemoryTrustLedger();
    await ledger.addRevokedKeys(domain, new Set([otherFingerprint]));
    const { source, resolver } = sourceOf({ ledger });
    resolver.revocation = listed(fingerprint);
    expect((await source.publisher(domain)).revoked).toEqual(new Set([otherFingerprint, fingerprint]));
  });

  test("makes nothing pass when it cannot be remembered", async () => {
    class FullLedger extends MemoryTrustLedger {
      override async addRevokedKeys(): Promise<void> {
        throw new Error("disk full");
      }
    }
    const { source, resolver } = sourceOf({ ledger: new FullLedger() });
    resolver.revocation = listed(fingerprint);
    await expect(source.publisher(domain)).rejects.toThrow("disk full");
  });
});

test("a domain that revokes without end is refused before it fills the ledger", async () => {
  const ledger = new MemoryTrustLedger();
  const { source, resolver } = sourceOf({ ledger });
  resolver.revocation = listed(
    ...Array.from({ length: 10_001 }, (_, index) => `sha256:${index.toString(16).padStart(64, "0")}`),
  );
  await expect(source.publisher(domain)).rejects.toThrow(refused("SCHEMAPIN_DISCOVERY_INVALID"));
  expect(await ledger.revokedKeys(domain)).toEqual(new Set());
});

test("many domains do not fill the memory", async () => {
  const { source, resolver } = sourceOf();
  await source.publisher(domain);
  for (let index = 0; index < 1_000; index += 1) await source.publisher(`d${index}.example`);
  const before = resolver.asked;
  await source.publisher("d999.example");
  expect(resolver.asked).toBe(before);
  await source.publisher(domain);
  expect(resolver.asked).toBe(before + 1);
});

describe("DNS", () => {
  const record = (value: string) => async () => [[`v=schemapin1; fp=${value}`]];

  test("confirms the key, by the domain's record", async () => {
    const asked: string[] = [];
    const lookup = async (name: string) => {
      asked.push(name);
      return record(fingerprint)();
    };
    await sourceOf({ dns: { policy: "require", lookup } }).source.publisher(domain);
    expect(asked).toEqual([`_schemapin.${domain}`]);
  });

  test.each([
    ["names another key", record(otherFingerprint), "SCHEMAPIN_DOMAIN_MISMATCH"],
    ["is malformed", async () => [["v=schemapin1; fp=sha256:12"]], "SCHEMAPIN_DISCOVERY_INVALID"],
    ["cannot be looked up", async () => Promise.reject(new Error("SERVFAIL")), "SCHEMAPIN_DNS_UNAVAILABLE"],
  ])("refuses when the record %s, wherever it is asked", async (_, lookup, code) => {
    for (const policy of ["if-present", "require"] as const) {
      const { source } = sourceOf({ mode: "permissive", dns: { policy, lookup } });
      await expect(source.publisher(domain)).rejects.toThrow(refused(code));
    }
  });

  test("that has no record refuses only where one is required", async () => {
    const lookup = async () => [["v=spf1 -all"]];
    await sourceOf({ dns: { policy: "if-present", lookup } }).source.publisher(domain);
    const { source } = sourceOf({ dns: { policy: "require", lookup } });
    await expect(source.publisher(domain)).rejects.toThrow(refused("SCHEMAPIN_DNS_RECORD_MISSING"));
  });

  test("is not asked when it is off", async () => {
    await sourceOf({ dns: { policy: "off" } }).source.publisher(domain);
  });
});

test.each([
  ["mode", { mode: "lenient" }],
  ["dns.policy", { dns: { policy: "maybe" } }],
  ["minAgeMs", { minAgeMs: 0 }],
  ["maxDiscoveryAgeMs", { maxDiscoveryAgeMs: Number.NaN }],
])("%s must be right", (name, option) => {
  const resolver = new FakeResolver();
  const ledger = new MemoryTrustLedger();
  const options = { resolver, ledger, mode: "strict", clock: new ManualClock(), ...option };
  expect(() => new PublisherSource(options as never)).toThrow(new RegExp(name));
});
