import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash, verify } from "@node-rs/argon2";
import { type ApiKeyStore, ApiKeys, MemoryStore, parseToken } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import type { Bench } from "../../../scripts/bench/bench.ts";

const pepper = randomBytes(32);
const peppers = [{ id: "p1", key: pepper }];
const folder = mkdtempSync(join(tmpdir(), "api-keys-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "keys.json");

/** A store with 1000 keys, and the token of one of them. */
async function prepared(store: ApiKeyStore, hashing: "argon2id" | "hmac-sha256", options = {}) {
  const filler = { keyHash: "x", agentScope: ["a"], scopes: [], description: "", revoked: false, version: 1 };
  if (store instanceof MemoryStore) {
    for (let index = 0; index < 1000; index += 1)
      await store.put({ ...filler, keyId: `filler-${index}` }, { ifVersion: 0 });
  }
  const keys = new ApiKeys({ store, hashing, peppers, ...options });
  const token = (await keys.create({ agents: ["a"] })).token.reveal();
  await keys.verify(token);
  return { keys, token };
}

export const benches = async (): Promise<readonly Bench[]> => {
  const fast = await prepared(new MemoryStore(), "hmac-sha256");
  const warm = await prepared(new MemoryStore(), "argon2id");
  const cold = await prepared(new MemoryStore(), "argon2id", { hashCacheMs: 0 });
  const file = await prepared(new FileStore(path), "hmac-sha256");

  const handle = createSecretKey(pepper);
  const text = `api-key/1\0${"k".repeat(15)}\0${"s".repeat(49)}`;
  const tag = createHmac("sha256", handle).update(text).digest();
  const rows = new Map(Array.from({ length: 1000 }, (_, index) => [`ak_${index}`, tag]));
  const hmac = (): boolean =>
    timingSafeEqual(createHmac("sha256", handle).update(text).digest(), rows.get("ak_500") as Buffer);
  const secret = parseToken(cold.token)?.secret as string;
  const phc = await hash(secret);
  const garbage = `ak_0123456789AB.${"x".repeat(49)}`;

  return [
    {
      name: "verify, HMAC record, memory store",
      ours: () => fast.keys.verify(fast.token),
      floor: hmac,
      floorName: "Map.get, createHmac with a KeyObject, timingSafeEqual",
      maxFloorRatio: 1.5,
    },
    {
      name: "verify, HMAC record, file store",
      ours: () => file.keys.verify(file.token),
      floor: () => statSync(path, { bigint: true }) && hmac(),
      floorName: "stat of the file, and the same",
      maxFloorRatio: 2.5,
    },
    {
      name: "verify, Argon2id record, hash remembered",
      ours: () => warm.keys.verify(warm.token),
      floor: hmac,
      floorName: "Map.get, createHmac with a KeyObject, timingSafeEqual",
      maxFloorRatio: 2.5,
    },
    {
      name: "verify, Argon2id record, nothing remembered",
      ours: () => cold.keys.verify(cold.token),
      floor: () => verify(phc, secret),
      floorName: "@node-rs/argon2 verify, m=19456 t=2 p=1",
      maxFloorRatio: 1.05,
    },
    {
      name: "refuse a made-up token of our shape",
      ours: () => parseToken(garbage),
      floor: () => /^[a-z]+_[0-9A-Za-z]{12}\.[0-9A-Za-z]{49}$/.test(garbage),
      floorName: "a regular expression of the same shape",
    },
  ];
};
