import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DomainPins,
  type IssuerDocuments,
  MemoryPinStore,
  pinKey,
  withSeenKey,
} from "@symbiont/agentpin";
import { FilePinStore } from "@symbiont/agentpin/file-pin-store";
import { generateKeyPair } from "@symbiont/keys";
import { describe, expect, onTestFinished, test } from "vitest";
import { ISSUER, jwkOf, START, said, World } from "./world.ts";

describe("20 pins", () => {
  test("are left by no credential that is refused for anything", async () => {
    const world = new World();
    const store = new MemoryPinStore();
    const failing = { putIfAbsent: () => false };
    const cases: [object, object][] = [
      [{ aud: "other.example" }, {}],
      [{ capabilities: ["write:all"] }, {}],
      [{ delegation_chain: [{}] }, {}],
    ];
    for (const [claims, options] of cases) {
      const verifier = world.verifier({ pins: { store }, ...options });
      expect((await verifier.verify(world.token(claims))).valid).toBe(false);
    }
    expect(store.list()).toEqual([]);
    expect((await world.verifier({ pins: { store }, replay: failing }).verify(world.token())).valid).toBe(
      false,
    );
  });

  test("of two newcomers at once keep the first", async () => {
    const world = new World();
    const other = generateKeyPair("ES256").privateKey;
    world.discovery.public_keys.push(jwkOf(other, "k2"));
    const store = new MemoryPinStore();
    const slow = {
      get: async (domain: string) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return store.get(domain);
      },
      update: (domain: string, change: Parameters<MemoryPinStore["update"]>[1]) =>
        store.update(domain, change),
    };
    const verifier = world.verifier({ pins: { store: slow } });
    const tokens = [world.token(), world.token({}, { key: other, kid: "k2" })];
    const results = await Promise.all(tokens.map(async (token) => verifier.verify(token)));
    expect(results.filter(({ valid }) => valid)).toHaveLength(1);
    expect(store.get(ISSUER)?.keys).toHaveLength(1);
  });

  test("continue to a new key only while a good old one stands beside it", async () => {
    const rotate = async (change: (world: World) => void, trust: "tofu" | "pinned" = "tofu") => {
      const world = new World();
      const store = new MemoryPinStore();
      const pins = { store, policy: "continuity" as const };
      const cache = world.cache();
      const verifier = world.verifier({ pins }, cache);
      await verifier.verify(world.token());
      store.update(
        ISSUER,
        (current) => current && { ...current, keys: current.keys.map((key) => ({ ...key, trust })) },
      );
      const other = generateKeyPair("ES256").privateKey;
      world.discovery.public_keys.push(jwkOf(other, "k2"));
      change(world);
      cache.invalidate(ISSUER);
      return said(await verifier.verify(world.token({}, { key: other, kid: "k2" })));
    };
    const mismatch = "11 KEY_PIN_MISMATCH key_pin";
    expect(await rotate(() => undefined)).toBe("valid");
    expect(await rotate(() => undefined, "pinned")).toBe(mismatch);
    expect(await rotate(({ discovery }) => discovery.public_keys.shift())).toBe(mismatch);
    expect(await rotate(({ discovery }) => (discovery.public_keys[0].exp = "2020-01-01"))).toBe(mismatch);
    expect(await rotate(({ revocation }) => (revocation.revoked_keys = [{ kid: "k1" }]))).toBe(mismatch);
  });
});

test("20 a domain that changes its key again and again does not spoil the file for others", async () => {
  const folder = await mkdtemp(join(tmpdir(), "agentpin-pins-"));
  onTestFinished(async () => rm(folder, { recursive: true }));
  const store = new FilePinStore(join(folder, "pins.json"));
  await pinKey(store, { domain: ISSUER, kid: "by hand", thumbprint: "f".repeat(64), trust: "verified" });
  for (let count = 0; count < 20; count += 1) {
    const seen = {
      kid: `k${count}`,
      thumbprint: `${count}`.padStart(64, "0"),
      documents: {} as IssuerDocuments,
    };
    await store.update(ISSUER, (pins) => withSeenKey(pins, ISSUER, seen, START + count));
  }
  const { keys } = (await store.get(ISSUER)) as DomainPins;
  expect(keys.map(({ kid }) => kid)).toEqual(["by hand", "k16", "k17", "k18", "k19"]);
});
