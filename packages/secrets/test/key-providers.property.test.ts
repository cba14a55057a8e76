import { rmSync, writeFileSync } from "node:fs";
import { inspect } from "node:util";
import { encodeBase64, encodeBase64Url, encodeHex } from "@symbiont/kit";
import { type KeyMaterial, type LocalKeyProvider, SecretError } from "@symbiont/secrets";
import { callbackKey } from "@symbiont/secrets/key-providers/callback";
import { envKey } from "@symbiont/secrets/key-providers/env";
import { fileKey, symbiontKeyFile } from "@symbiont/secrets/key-providers/file";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };
const CANARY = "cAnArY7sEcReT9";
const inFolder = temporaryFolder();

afterEach(() => {
  delete process.env["PROPERTY_KEY"];
});

/** Asks the environment and a file for the same text. */
async function fromEverywhere(text: string): Promise<readonly (KeyMaterial | undefined)[]> {
  process.env["PROPERTY_KEY"] = text;
  rmSync(inFolder("key"), { force: true });
  writeFileSync(inFolder("key"), `${text}\n`, { mode: 0o600 });
  const providers = [
    envKey("PROPERTY_KEY"),
    fileKey(inFolder("key")),
    fileKey(inFolder("key"), { access: "mounted" }),
  ];
  return Promise.all(providers.map((provider) => provider.load(REQUEST)));
}

test("a key in any spelling, from any source, is the same key", async () => {
  const bytes = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .filter((key) => key.some((byte) => byte !== key[0]));
  await fc.assert(
    fc.asyncProperty(bytes, async (key) => {
      for (const text of [
        encodeBase64(key),
        encodeBase64Url(key),
        encodeHex(key),
        encodeHex(key).toUpperCase(),
      ])
        for (const material of await fromEverywhere(text)) expect(material).toEqual({ kind: "raw", key });
      const given = callbackKey("kms:a", async () => Uint8Array.from(key));
      expect(await given.load(REQUEST)).toEqual({ kind: "raw", key });
    }),
    { numRuns: 50 },
  );
});

test("a passphrase is the same from any source, to the last space", async () => {
  const text = fc
    .string({ minLength: 12, maxLength: 100, unit: "grapheme" })
    // Neither an encoding of a key nor what one final newline would change.
    .filter((text) => ![43, 44, 64].includes(text.length) && !/[\0\r\n\uFFFD]/.test(text))
    .filter((text) => Array.from(text.normalize("NFC")).length >= 12);
  await fc.assert(
    fc.asyncProperty(text, async (passphrase) => {
      for (const material of await fromEverywhere(passphrase))
        expect(material).toEqual({ kind: "passphrase", passphrase });
    }),
    { numRuns: 100 },
  );
});

test("whatever a source holds, the provider gives a key or refuses, and shows nothing of it", async () => {
  const held = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.concat([bytes, Buffer.from(CANARY)])),
    fc.string({ maxLength: 60, unit: "binary" }).map((text) => Buffer.from(CANARY + text)),
    fc.constant(Buffer.from(CANARY.slice(0, 11))),
    fc.constant(Buffer.from(CANARY.repeat(400))),
  );
  const kind = fc.constantFrom("auto", "raw", "passphrase");
  await fc.assert(
    fc.asyncProperty(held, kind, async (bytes, kind) => {
      rmSync(inFolder("held"), { force: true });
      writeFileSync(inFolder("held"), bytes, { mode: 0o600 });
      process.env["PROPERTY_KEY"] = bytes.toString("latin1").replaceAll("\0", "");
      const options = { kind } as const;
      const providers: LocalKeyProvider[] = [
        envKey("PROPERTY_KEY", options),
        envKey("PROPERTY_KEY", { ...options, unset: true }),
        fileKey(inFolder("held"), options),
        symbiontKeyFile({ ...options, path: inFolder("held") }),
        callbackKey("kms:a", async () => Uint8Array.from(bytes)),
        callbackKey("kms:a", async () => ({ kind: "passphrase", passphrase: Uint8Array.from(bytes) })),
        callbackKey("kms:a", (async () => bytes.toString()) as never),
      ];
      for (const provider of providers) {
        const result: unknown = await provider.load(REQUEST).catch((error: unknown) => error);
        if (result instanceof Error) expect(SecretError.is(result) && result.code).toBe("SECRET_KEY_INVALID");
        for (const shown of [provider, result instanceof Error ? result : ""])
          expect(inspect(shown, { depth: 10, showHidden: true }) + JSON.stringify(shown)).not.toMatch(
            CANARY.slice(0, 11),
          );
      }
    }),
    { numRuns: 150 },
  );
});
