import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SecretFile } from "@symbiont/secrets/file";
import { envKey } from "@symbiont/secrets/key-providers/env";
import { createFileKey, fileKey } from "@symbiont/secrets/key-providers/file";
import { migrateSecrets, readSymbiontStore } from "@symbiont/secrets/symbiont";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "./temporary-directory.ts";

afterEach(() => void vi.unstubAllEnvs());

test("a store written by Symbiont moves into a secret file, gets a second key and is read back", async () => {
  const { vectors } = JSON.parse(
    readFileSync(new URL("./vectors/secrets/symbiont-file-store.json", import.meta.url), "utf8"),
  );
  const { file_utf8: text, password, expected_entries: expected } = vectors[0];
  const folder = temporaryDirectory();
  const old = join(folder, "secrets.json");
  writeFileSync(old, text, { mode: 0o600 });
  vi.stubEnv("OLD_PASSWORD", password);
  vi.stubEnv("NEW_PASSPHRASE", "a passphrase of some length");

  const source = await readSymbiontStore(old, {
    keyProvider: envKey("OLD_PASSWORD", { kind: "passphrase" }),
  });
  const path = join(folder, "secrets");
  await using file = await SecretFile.create(path, { keyProviders: [envKey("NEW_PASSPHRASE")] });
  const { created } = await migrateSecrets(source, file);
  expect(created.toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const secret of source.values()) secret.dispose();

  await createFileKey(join(folder, "key"));
  await file.addSlot(fileKey(join(folder, "key")), { label: "this machine" });
  await using other = await SecretFile.open(path, { keyProviders: [fileKey(join(folder, "key"))] });
  for (const [name, value] of Object.entries(expected))
    expect((await other.store.get(name)).expose()).toBe(value);
});
