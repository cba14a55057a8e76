import { writeFileSync } from "node:fs";
import { ApiKeys, MemoryStore, parseToken, tokenFromHeaders, tokenFromProtocols } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

/** Exponent of time over size, from the fastest of several runs at each size. */
async function exponent(sizes: readonly [number, number], run: (size: number) => unknown): Promise<number> {
  const [small, large] = [await fastest(() => run(sizes[0])), await fastest(() => run(sizes[1]))];
  return Math.log(large / small) / Math.log(sizes[1] / sizes[0]);
}

async function fastest(run: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round += 1) {
    const start = process.hrtime.bigint();
    await run();
    best = Math.min(best, Number(process.hrtime.bigint() - start));
  }
  return best;
}

test.each([
  ["letters", "a"],
  ["dots", "."],
  ["underscores", "ak_"],
  ["control characters", "\u0000"],
])("a token of endless %s costs at most linear time", async (_, unit) => {
  const keys = new ApiKeys({ store: new MemoryStore() });
  const grown = await exponent([20_000, 400_000], async (size) => {
    const text = unit.repeat(size);
    parseToken(text);
    await keys.verify(text).catch(() => undefined);
  });
  expect(grown).toBeLessThan(1.5);
});

test("an endless header costs at most linear time", async () => {
  const grown = await exponent([20_000, 400_000], (size) => {
    for (const read of [
      () => tokenFromHeaders(["authorization", `Bearer ${" x".repeat(size)}`]),
      () => tokenFromProtocols(["sec-websocket-protocol", `bearer.x${", y".repeat(size)}`]),
    ]) {
      try {
        read();
      } catch {
        // refused, as it should be
      }
    }
  });
  expect(grown).toBeLessThan(1.5);
});

test("a key file costs linear time, and one key in it none at all", async () => {
  const write = (size: number): FileStore => {
    const path = folder(`keys-${size}.json`);
    const record = { key_hash: "x", agent_scope: null, description: "", created_at: "" };
    const records = Array.from({ length: size }, (_, index) => ({ ...record, key_id: `k${index}` }));
    writeFileSync(path, JSON.stringify(records), { mode: 0o600 });
    return new FileStore(path);
  };
  const stores = new Map([500, 8_000].map((size) => [size, write(size)]));
  const read = await exponent([500, 8_000], (size) => new FileStore(folder(`keys-${size}.json`)).get("k1"));
  expect(read).toBeLessThan(1.5);
  for (const store of stores.values()) await store.get("k1");
  const lookup = await exponent([500, 8_000], (size) => {
    for (let index = 0; index < 200; index += 1) void stores.get(size)?.get("k1");
  });
  expect(lookup).toBeLessThan(0.5);
});
