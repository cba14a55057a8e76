import { type DocumentResolver, MemoryTrustLedger, SchemaPinToolVerifier } from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import {
  FakeResolver,
  fingerprint,
  found,
  invalid,
  listed,
  ManualClock,
  otherFingerprint,
  unavailable,
} from "./document-fixtures.ts";
import { discoveryOf, domain, judge, key, readFile, signed, verifierOf } from "./fixtures.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

function watching(more: Parameters<typeof verifierOf>[0] = {}): {
  readonly verifier: SchemaPinToolVerifier;
  readonly resolver: FakeResolver;
  readonly clock: ManualClock;
} {
  const resolver = new FakeResolver(found(discoveryOf(key), HOUR), listed());
  const clock = new ManualClock();
  const servers = new Map([["files", { domain, resolver: resolver as DocumentResolver }]]);
  return { resolver, clock, verifier: verifierOf({ servers, clock, ...more }).verifier };
}

describe("a server whose documents are looked up", () => {
  test("has its tools verified with them", async () => {
    const { verifier, resolver } = watching();
    expect(await judge(verifier, signed(readFile))).toBe("allow verified");
    expect(await verifier.check("read_file", "files")).toMatchObject({ definition: readFile });
    expect(resolver.asked).toBe(1);
  });

  test("has no tools from the moment its key is revoked, without a new list and without a new verifier", async () => {
    const { verifier, resolver, clock } = watching();
    await judge(verifier, signed(readFile));
    resolver.revocation = listed(fingerprint);
    clock.pass(5 * MINUTE);
    expect(await verifier.check("read_file", "files")).toBeUndefined();
    expect(await judge(verifier, signed(readFile))).toBe("block SCHEMAPIN_KEY_REVOKED");
    // And a list that shrinks again revives nothing.
    resolver.revocation = listed();
    clock.pass(HOUR);
    expect(await judge(verifier, signed(readFile))).toBe("block SCHEMAPIN_KEY_REVOKED");
  });

  test.each([
    ["unavailable", unavailable, "SCHEMAPIN_DISCOVERY_FETCH_FAILED"],
    ["invalid", invalid, "SCHEMAPIN_DISCOVERY_INVALID"],
  ])("has no signed tools while its documents are %s", async (_, answer, code) => {
    const { verifier, resolver, clock } = watching();
    await judge(verifier, signed(readFile));
    resolver.discovery = answer;
    clock.pass(HOUR);
    expect(await verifier.check("read_file", "files")).toBeUndefined();
    expect(await judge(verifier, signed(readFile))).toBe(`block ${code}`);
  });

  test("has no signed tools while its revocations are unavailable, in strict mode", async () => {
    const { verifier, resolver } = watching();
    resolver.revocation = unavailable;
    expect(await judge(verifier, signed(readFile))).toBe("block SCHEMAPIN_REVOCATION_UNAVAILABLE");
    const permissive = watching({ mode: "permissive" });
    permissive.resolver.revocation = unavailable;
    expect(await judge(permissive.verifier, signed(readFile))).toBe("warn SCHEMAPIN_REVOCATION_UNAVAILABLE");
  });

  test("is used past the time of its documents in permissive mode, with a warning", async () => {
    const { verifier, resolver, clock } = watching({ mode: "permissive" });
    await judge(verifier, signed(readFile));
    resolver.discovery = unavailable;
    clock.pass(HOUR);
    expect(await judge(verifier, signed(readFile))).toBe("warn SCHEMAPIN_DISCOVERY_FETCH_FAILED");
  });

  test("has its unsigned tools in permissive mode whatever its documents say", async () => {
    const { verifier, resolver, clock } = watching({ mode: "permissive" });
    resolver.discovery = unavailable;
    expect(await judge(verifier, readFile)).toBe("warn SCHEMAPIN_SIGNATURE_MISSING");
    clock.pass(HOUR);
    expect(await verifier.check("read_file", "files")).toMatchObject({ definition: readFile });
  });

  test("recovers by itself", async () => {
    const { verifier, resolver, clock } = watching();
    resolver.discovery = unavailable;
    await judge(verifier, signed(readFile));
    resolver.discovery = found(discoveryOf(key));
    clock.pass(MINUTE);
    expect(await judge(verifier, signed(readFile))).toBe("allow verified");
  });

  test("cannot use a tool that another list replaced while its key was looked up", async () => {
    const { verifier, resolver, clock } = watching();
    await judge(verifier, signed(readFile));
    clock.pass(5 * MINUTE);
    let answer = (): void => undefined;
    resolver.resolveRevocation = async () =>
      new Promise((resolve) => {
        answer = () => resolve(listed());
      });
    const checked = verifier.check("read_file", "files");
    await Promise.resolve();
    const emptied = verifier.admit([], "files");
    await emptied;
    answer();
    expect(await checked).toBeUndefined();
  });

  test("throws what the ledger or a resolver throws, and admits nothing", async () => {
    const ledger = new MemoryTrustLedger();
    const { verifier } = watching({ ledger });
    ledger.revokedKeys = async () => Promise.reject(new Error("disk"));
    await expect(verifier.admit([signed(readFile)], "files")).rejects.toThrow("disk");
    const working = watching({ ledger: new MemoryTrustLedger() });
    await judge(working.verifier, signed(readFile));
    working.clock.pass(HOUR);
    working.resolver.resolveRevocation = async () => Promise.reject(new Error("broken"));
    await expect(working.verifier.check("read_file", "files")).rejects.toThrow("broken");
  });
});

test("servers of one publisher share what was looked up", async () => {
  const resolver = new FakeResolver();
  const trust = { domain, resolver };
  const { verifier } = verifierOf({
    servers: new Map([
      ["files", trust],
      ["more", { domain: `${domain}.`, resolver }],
    ]),
    clock: new ManualClock(),
  });
  await judge(verifier, signed(readFile));
  await verifier.admit([signed(readFile)], "more");
  expect(resolver.asked).toBe(1);
});

test("a key that the ledger knows as revoked does not count, also where documents are given", async () => {
  const ledger = new MemoryTrustLedger();
  await ledger.addRevokedKeys(domain, new Set([fingerprint]));
  expect(await judge(verifierOf({ ledger }).verifier, signed(readFile))).toBe("block SCHEMAPIN_KEY_REVOKED");
});

test("DNS can be made to confirm the key", async () => {
  const dnsOf = (value: string) => ({
    dns: { policy: "require" as const, lookup: async () => [[`v=schemapin1; fp=${value}`]] },
  });
  expect(await judge(verifierOf(dnsOf(fingerprint)).verifier, signed(readFile))).toBe("allow verified");
  expect(await judge(verifierOf(dnsOf(otherFingerprint)).verifier, signed(readFile))).toBe(
    "block SCHEMAPIN_DOMAIN_MISMATCH",
  );
});

test("a server has documents or a resolver, and a publisher's domain", () => {
  const resolver = new FakeResolver();
  const build = (trust: object) => () => verifierOf({ servers: new Map([["files", trust]]) as never });
  expect(build({ domain, resolver, discovery: discoveryOf(key) })).toThrow(/not both/);
  expect(build({ domain, resolver, revocation: {} })).toThrow(/not both/);
  expect(build({ domain })).toThrow(expect.objectContaining({ code: "SCHEMAPIN_DISCOVERY_INVALID" }));
  expect(build({ domain: "localhost", resolver })).toThrow(
    expect.objectContaining({ code: "SCHEMAPIN_DOMAIN_INVALID" }),
  );
});
