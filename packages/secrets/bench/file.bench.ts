import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceFile, updateFile } from "@symbiont/filestore";
import type { LocalKeyProvider } from "@symbiont/secrets";
import { SecretFile } from "@symbiont/secrets/file";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { openEntry, sealEntry } from "../src/file/internal/crypto/seal-entry.ts";

const folder = mkdtempSync(join(tmpdir(), "secrets-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "secrets");
const SECRETS = 50;

const raw = randomBytes(32);
const keyProvider: LocalKeyProvider = {
  type: "local",
  id: "bench",
  load: async () => ({ kind: "raw", key: Uint8Array.from(raw) }),
};

/** AES-256-GCM under a derived key, written with nothing but `node:crypto`. */
function bareSeal(value: Uint8Array): Uint8Array {
  const salt = randomBytes(16);
  const okm = new Uint8Array(hkdfSync("sha256", raw, salt, "info", 44));
  const cipher = createCipheriv("aes-256-gcm", okm.subarray(0, 32), okm.subarray(32), { authTagLength: 16 });
  return Buffer.concat([salt, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
}

function bareOpen(sealed: Uint8Array): Uint8Array {
  const okm = new Uint8Array(hkdfSync("sha256", raw, sealed.subarray(0, 16), "info", 44));
  const decipher = createDecipheriv("aes-256-gcm", okm.subarray(0, 32), okm.subarray(32), {
    authTagLength: 16,
  });
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(16, -16)), decipher.final()]);
}

export const benches = async (): Promise<readonly Bench[]> => {
  const { store } = await SecretFile.create(path, { keyProviders: [keyProvider] });
  for (let index = 0; index < SECRETS; index += 1)
    await store.set(`service-${index}/password`, `value ${index}`);
  const name = "service-7/password";
  const size = statSync(path).size;
  const content = new Uint8Array(randomBytes(size));
  const json = JSON.stringify({
    entries: Array.from({ length: SECRETS }, () => "x".repeat(size / SECRETS / 2)),
  });
  const sealedJson = bareSeal(Buffer.from(json));

  const value = randomBytes(64);
  const place = { storeId: randomBytes(16), name };
  const sealed = sealEntry(raw, place, { version: 1, salt: randomBytes(16) }, value);
  const bare = bareSeal(value);
  let beat = 0;
  const touch = (): void => utimesSync(path, ++beat, beat);

  return [
    {
      name: "get, file unchanged",
      ours: () => store.get(name),
      floor: () => lstatSync(path, { bigint: true }),
      floorName: "one lstat",
      maxFloorRatio: 2.5,
    },
    {
      name: `get, file changed, ${SECRETS} secrets`,
      ours: () => {
        touch();
        return store.get(name);
      },
      floor: () => {
        touch();
        readFileSync(path);
        return JSON.parse(Buffer.from(bareOpen(sealedJson)).toString()) as unknown;
      },
      floorName: "utimes, readFileSync, HKDF, AES-256-GCM, JSON.parse",
    },
    {
      name: `set, ${SECRETS} secrets`,
      ours: () => store.set(name, "another value"),
      floor: () => replaceFile(join(folder, "bare"), content),
      floorName: "replaceFile of as many bytes: no lock, no encryption, no reading before",
      maxFloorRatio: 1.3,
    },
    {
      name: `set, ${SECRETS} secrets, beside a locked update`,
      ours: () => store.set(name, "another value"),
      floor: () => updateFile(join(folder, "update"), () => content, { maxBytes: 1 << 20 }),
      floorName: "updateFile of as many bytes: lock, read, replace",
      maxFloorRatio: 1.3,
    },
    {
      name: "seal a value, 64 B",
      ours: () => sealEntry(raw, place, { version: 1, salt: randomBytes(16) }, value),
      floor: () => bareSeal(value),
      floorName: "HKDF and AES-256-GCM of node:crypto",
      maxFloorRatio: 1.5,
    },
    {
      name: "open a value, 64 B",
      ours: () => openEntry(raw, place, sealed),
      floor: () => bareOpen(bare),
      floorName: "HKDF and AES-256-GCM of node:crypto",
      maxFloorRatio: 1.5,
    },
  ];
};
