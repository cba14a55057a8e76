import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import { memoryStore } from "@symbiont/secrets";
import { SecretFile } from "@symbiont/secrets/file";
import {
  migrateSecrets,
  openSymbiontEnvelope,
  readSymbiontCliFile,
  readSymbiontShellStore,
  readSymbiontStore,
  type SymbiontFormat,
} from "@symbiont/secrets/symbiont";
import { expect, test } from "vitest";
import { AuditList } from "./audit-list.ts";
import { temporaryDirectory, temporaryFile } from "./temporary-directory.ts";
import { passphrase, rawKeyOf } from "./test-keys.ts";

const CANARY = "cAnArY7sEcReT9";
const CHEAP = { memoryKiB: 19_456, passes: 2, lanes: 1 };

/** A canary as it would look in any of the spellings a leak may have. */
const SPELLINGS = ["utf8", "base64", "base64url", "hex"].map((encoding) =>
  Buffer.from(CANARY)
    .toString(encoding as BufferEncoding)
    .slice(0, 18),
);

/** Everything that a log, a crash report or a colleague could see of a value. */
function visible(value: unknown): string {
  const parts = [inspect(value, { depth: 20, showHidden: true, getters: true }), JSON.stringify(value) ?? ""];
  for (let error = value; error instanceof Error; error = error.cause)
    parts.push(error.message, String(error.stack));
  return parts.join("\n");
}

function expectHidden(text: string): void {
  for (const spelling of SPELLINGS) expect(text.includes(spelling)).toBe(false);
}

async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail("it succeeded"),
    (reason: unknown) => reason,
  );
}

test("values and keys of a secret file appear in no error, no audit record and no file beside it", async () => {
  const path = temporaryFile();
  const key = createHash("sha256").update(CANARY).digest();
  key.set(Buffer.from(CANARY));
  const audit = new AuditList();
  const providers = [passphrase(CANARY, "words"), rawKeyOf(key)];
  const file = await SecretFile.create(path, { keyProviders: providers, argon2: CHEAP, audit, backups: 2 });
  const { store } = file;
  await store.set("a", CANARY, { expiresAt: 1 });
  await store.set("b", CANARY);
  await store.rotate("b", (current) => `${current.expose()}2`, { graceMs: 1e6 });
  const handle = await store.get("b");
  const errors = [
    await reasonOf(store.get("a")),
    await reasonOf(store.get("missing")),
    await reasonOf(store.set("b", CANARY, { ifVersion: 9 })),
    await reasonOf(store.set("b", CANARY, { expiresAt: 1e15 })),
    await reasonOf(store.set("b", CANARY.repeat(100_000))),
    await reasonOf(file.setMany(new Map([["b", handle]]))),
    await reasonOf(file.removeSlot("none")),
    await reasonOf(SecretFile.create(path, { keyProviders: providers })),
    await reasonOf(SecretFile.open(path, { keyProviders: [passphrase(`${CANARY}x`)] })),
    await reasonOf(SecretFile.open(path, { keyProviders: [rawKeyOf(Buffer.from(CANARY))] })),
    await reasonOf(SecretFile.open(path, { keyProviders: [passphrase(`${CANARY}\ud800`)] })),
  ];
  await file.rotateRootKey();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, -40));
  errors.push(await reasonOf(store.get("b")), await reasonOf(store.set("b", CANARY)));
  writeFileSync(path, bytes);
  chmodSync(path, 0o666);
  errors.push(await reasonOf(store.get("b")), await reasonOf(store.set("b", CANARY)));
  await file.close();
  errors.push(await reasonOf(store.get("b")), await reasonOf(handle.use(() => undefined)));
  expect(errors.every((error) => error instanceof Error)).toBe(true);
  expectHidden(visible([errors, audit.records, file, handle, await reasonOf(file.slots())]));
  for (const error of errors) expectHidden(visible(error));
  for (const name of readdirSync(dirname(path)))
    expectHidden(readFileSync(join(dirname(path), name), "latin1"));
});

test("what a Symbiont store holds appears in no error of its readers, whatever is wrong with it", async () => {
  const folder = temporaryDirectory();
  const write = (text: string, name = "file"): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const broken: readonly [SymbiontFormat, string][] = [
    ["json", `{"a":"${CANARY}"`],
    ["json", `["${CANARY}"]`],
    ["json", `{"${CANARY}":1,"${CANARY}":2}`],
    ["yaml", `a: [${CANARY}`],
    ["yaml", `- ${CANARY}`],
    ["yaml", `a: *${CANARY}`],
    ["toml", `a = ${CANARY}`],
    ["toml", `a = "${CANARY}`],
    ["env", `A="${CANARY}`],
    ["env", `A=${CANARY} ${CANARY}`],
    ["env", `${CANARY} ${CANARY}`],
    ["env", `A=\\x${CANARY}`],
    ["env", `A=\${${CANARY}`],
  ];
  for (const [format, text] of broken) {
    const error = await reasonOf(readSymbiontStore(write(text), { keyProvider: "none", format }));
    expect(error).toMatchObject({ code: "SECRET_FORMAT_INVALID" });
    expectHidden(visible(error));
  }
  const keyProvider = passphrase(CANARY);
  for (const text of [CANARY, `{"ciphertext":"${CANARY}"}`]) {
    const path = write(text);
    for (const read of [
      () => readSymbiontStore(path, { keyProvider }),
      () => readSymbiontCliFile(path, { keyProvider }),
      () => readSymbiontShellStore(path, { keyProvider }),
      () => openSymbiontEnvelope(text, keyProvider),
    ])
      expectHidden(visible(await reasonOf(read())));
  }
  const secrets = await readSymbiontStore(write(`{"a/../b":"${CANARY}","c":"${CANARY}"}`), {
    keyProvider: "none",
  });
  expectHidden(visible([secrets, await reasonOf(migrateSecrets(secrets, memoryStore()))]));
});
