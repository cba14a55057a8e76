import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { ApiKeyError, type ApiKeyStore, ApiKeys, MemoryStore, parseToken } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { decodeHex } from "@symbiont/kit";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";

const until = Date.now() + 3_600_000;

export const suite: ConformanceSuite = {
  "secrets/symbiont-api-keys.json": (data, check) => {
    const text = JSON.stringify(data.file);
    for (const { presented, result, note } of data.cases) {
      const title = `${JSON.stringify(presented)}${note === undefined ? "" : ` (${note})`}`;
      check(title, () =>
        withKeyFile(text, async (store) => {
          const keys = new ApiKeys({ store, legacy: { scan: true, until }, lastUsedMs: 0 });
          expect(await answer(keys, presented)).toEqual(result);
        }),
      );
      check(`${title}, without legacy scan`, () =>
        withKeyFile(text, async (store) => {
          const unkeyed = !/^[^.]+\../.test(presented);
          const keys = new ApiKeys({ store, lastUsedMs: 0 });
          expect(await answer(keys, presented)).toEqual(unkeyed ? null : result);
        }),
      );
    }
  },

  "secrets/proposed-api-key-token.json": (data, check) => {
    const pattern = new RegExp(data.regex);
    const peppers = [{ id: "p1", key: decodeHex(data.pepper_hex) }];
    for (const valid of data.valid) {
      const { token, key_id, secret_part } = valid;
      check(`${key_id}: shape and checksum`, () => {
        expect(pattern.test(token)).toBe(true);
        expect(parseToken(token)).toMatchObject({ keyId: key_id, secret: secret_part });
        expect(crc32(token.slice(0, -6))).toBe(valid.crc32_decimal);
        expect(token.endsWith(valid.checksum)).toBe(true);
        expect(valid.display).toBe(`${key_id}.${secret_part.slice(0, 4)}…`);
      });
      for (const keyHash of [valid.argon2id_phc, valid.hmac_verifier]) {
        check(`${key_id}: ${keyHash.split("$")[1]} verifier`, async () => {
          const keys = await withOneRecord(key_id, keyHash, peppers);
          expect(await answer(keys, token)).toEqual({ key_id, agent_scope: ["agent-a"] });
          for (const { token: other } of data.valid) {
            if (other !== token) expect(await answer(keys, other)).toBeNull();
          }
        });
      }
    }
    for (const { token, why } of data.invalid) {
      check(`refused for its ${why}: ${JSON.stringify(token)}`, async () => {
        expect(parseToken(token)).toBeUndefined();
        for (const { key_id, hmac_verifier } of data.valid)
          expect(await answer(await withOneRecord(key_id, hmac_verifier, peppers), token)).toBeNull();
      });
    }
  },
};

async function answer(keys: ApiKeys, token: string): Promise<unknown> {
  try {
    const { keyId, agentScope } = await keys.verify(token);
    return { key_id: keyId, agent_scope: agentScope };
  } catch (error) {
    if (ApiKeyError.is(error) && error.code === "API_KEY_REFUSED" && error.cause === undefined) return null;
    throw error;
  }
}

async function withKeyFile(text: string, use: (store: ApiKeyStore) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "api-keys-"));
  try {
    const path = join(folder, "keys.json");
    await writeFile(path, text, { mode: 0o600 });
    await use(new FileStore(path));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function withOneRecord(
  keyId: string,
  keyHash: string,
  peppers: readonly { id: string; key: Uint8Array }[],
): Promise<ApiKeys> {
  const store = new MemoryStore();
  const agentScope = ["agent-a"];
  await store.put(
    { keyId, keyHash, agentScope, scopes: [], description: "", revoked: false, version: 1 },
    { ifVersion: 0 },
  );
  return new ApiKeys({ store, peppers, lastUsedMs: 0 });
}
