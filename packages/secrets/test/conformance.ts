import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeHex, encodeHex } from "@symbiont/kit";
import { Secret, SecretError, type SecretErrorCode } from "@symbiont/secrets";
import { SecretFile } from "@symbiont/secrets/file";
import { readSymbiontCliFile, readSymbiontShellStore, readSymbiontStore } from "@symbiont/secrets/symbiont";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";
import { payloadKey, slotKey } from "../src/file/internal/crypto/derive.ts";
import { openEntry, sealEntry } from "../src/file/internal/crypto/seal-entry.ts";
import { openSlot, sealSlot } from "../src/file/internal/crypto/seal-slot.ts";
import { openStore, sealStore } from "../src/file/internal/crypto/seal-store.ts";
import { splitContainer } from "../src/file/internal/format/container.ts";
import { readHeader } from "../src/file/internal/format/header.ts";
import { writeSlot } from "../src/file/internal/format/slot.ts";
import { passphrase, rawKeyOf } from "./test-keys.ts";

/** What a vector's class of error is called here. */
const STORE_CODES: Readonly<Record<string, readonly SecretErrorCode[]>> = {
  WRONG_KEY: ["SECRET_WRONG_KEY"],
  TAMPERED: ["SECRET_TAMPERED"],
  KDF_LIMIT: ["SECRET_KDF_LIMIT"],
  UNSUPPORTED_VERSION: ["SECRET_VERSION_UNSUPPORTED"],
  MALFORMED: ["SECRET_FORMAT_INVALID"],
};
const SYMBIONT_CODES: Readonly<Record<string, readonly SecretErrorCode[]>> = {
  ParseError: ["SECRET_FORMAT_INVALID"],
  CryptoError: ["SECRET_WRONG_KEY", "SECRET_FORMAT_INVALID"],
  reject: ["SECRET_FORMAT_INVALID"],
};

export const suite: ConformanceSuite = {
  "secrets/proposed-store-v1.json": (data, check) => {
    for (const vector of data.vectors) {
      const { name, trace, file_utf8: text } = vector;
      for (const [index, slot] of trace.slots.entries()) {
        check(`${name}: opens with the slot ${slot.slot}, and every value is right`, () =>
          withFile(text, async (path) => {
            const provider =
              slot.passphrase === undefined ? rawKeyOf(decodeHex(slot.key_hex)) : passphrase(slot.passphrase);
            await expectEntries(path, provider, trace.entries);
            if (vector.equivalent_passphrase !== undefined)
              await expectEntries(path, passphrase(vector.equivalent_passphrase), trace.entries);
          }),
        );
        check(`${name}: the slot ${slot.slot} is written byte by byte`, () => {
          const header = headerOf(text);
          const read = header.slots[index];
          if (read === undefined || read.kind === "transit") throw new Error("no local slot");
          const kek = decodeHex(slot.kek_hex);
          const key = slotKey(kek, header.id, read);
          expect(encodeHex(key.key) + encodeHex(key.nonce) + encodeHex(key.commit)).toBe(slot.okm_hex);
          const rootKey = openSlot(kek, header.id, read);
          expect(encodeHex(rootKey ?? new Uint8Array())).toBe(vector.srk_hex);
          const written = sealSlot(kek, header.id, read, decodeHex(vector.srk_hex));
          expect(writeSlot(written)).toEqual(writeSlot(read));
        });
      }
      check(`${name}: the file is written byte by byte`, () => {
        const rootKey = decodeHex(vector.srk_hex);
        const header = headerOf(text);
        expect(encodeHex(header.id)).toBe(vector.store_id_hex);
        const key = payloadKey(rootKey, header);
        expect(encodeHex(key.key) + encodeHex(key.nonce) + encodeHex(key.commit)).toBe(
          vector.payload_okm_hex,
        );
        const container = splitContainer(Buffer.from(text));
        const entries = new Map(openStore(rootKey, header, container));
        for (const { name, value_hex: value } of trace.entries) {
          const entry = entries.get(name);
          if (entry === undefined) throw new Error("entry is missing");
          const [current, ...older] = entry.versions;
          const place = { storeId: header.id, name };
          expect(encodeHex(openEntry(rootKey, place, current))).toBe(value);
          entries.set(name, {
            ...entry,
            versions: [sealEntry(rootKey, place, current, decodeHex(value)), ...older],
          });
        }
        expect(Buffer.from(sealStore(rootKey, header, entries).bytes).toString()).toBe(text);
      });
    }
    for (const { name, passphrase: password, file_utf8: text, error } of data.negative) {
      const codes = [...(STORE_CODES[error] ?? [])];
      // A cut file may be noticed by its shape before anything is opened.
      if (name === "truncated") codes.push("SECRET_FORMAT_INVALID");
      check(`refused: ${name}`, () =>
        withFile(text, (path) =>
          expectRefusal(() => SecretFile.open(path, { keyProviders: [passphrase(password)] }), codes),
        ),
      );
    }
  },

  "secrets/symbiont-file-store.json": (data, check) => {
    for (const { name, format, password, file_utf8: text, expected_entries: expected } of data.vectors) {
      for (const [ending, content] of [
        ["", text],
        [", with a final newline", `${text}\n`],
      ] as const)
        check(`${name}${ending}`, () =>
          withFile(content, async (path) => {
            const options = { keyProvider: passphrase(password), format, environment: {} };
            expectValues(await readSymbiontStore(path, options), expected);
          }),
        );
    }
    for (const { name, password, file_utf8: text, error } of data.negative) {
      check(`refused: ${name}`, () =>
        withFile(text, (path) =>
          expectRefusal(
            () => readSymbiontStore(path, { keyProvider: passphrase(password) }),
            SYMBIONT_CODES[error] ?? [],
          ),
        ),
      );
    }
  },

  "secrets/symbiont-cli-and-shell-stores.json": ({ cli, shell }, check) => {
    for (const [index, { key_base64: key, plaintext, file_hex: file }] of cli.vectors.entries()) {
      check(`cli file ${index}`, () =>
        withFile(decodeHex(file), async (path) => {
          const expected = JSON.parse(plaintext);
          expectValues(await readSymbiontCliFile(path, { keyProvider: passphrase(key) }), expected);
          const raw = rawKeyOf(Buffer.from(key, "base64"));
          expectValues(await readSymbiontCliFile(path, { keyProvider: raw }), expected);
        }),
      );
    }
    for (const { name, key_base64: key, file_hex: file } of cli.negative) {
      const codes: readonly SecretErrorCode[] =
        name === "11-byte-file" ? ["SECRET_FORMAT_INVALID"] : ["SECRET_KEY_INVALID", "SECRET_WRONG_KEY"];
      check(`cli refused: ${name}`, () =>
        withFile(decodeHex(file), (path) =>
          expectRefusal(() => readSymbiontCliFile(path, { keyProvider: passphrase(key) }), codes),
        ),
      );
    }
    for (const { name, passphrase: password, plaintext, file_hex: file } of shell.vectors) {
      check(`shell store ${name}`, () =>
        withFile(decodeHex(file), async (path) => {
          const keyProvider = passphrase(password);
          expectValues(await readSymbiontShellStore(path, { keyProvider }), JSON.parse(plaintext));
        }),
      );
      check(`shell store ${name}, with another passphrase`, () =>
        withFile(decodeHex(file), (path) =>
          expectRefusal(
            () => readSymbiontShellStore(path, { keyProvider: passphrase(`${password}x`) }),
            ["SECRET_WRONG_KEY"],
          ),
        ),
      );
    }
  },
};

function headerOf(text: string): ReturnType<typeof readHeader> {
  return readHeader(splitContainer(Buffer.from(text)).header);
}

async function expectEntries(
  path: string,
  provider: Parameters<typeof SecretFile.open>[1]["keyProviders"][number],
  entries: readonly { readonly name: string; readonly version: number; readonly value_hex: string }[],
): Promise<void> {
  // The store is a fixed one: what has expired since it was made must still open.
  await using file = await SecretFile.open(path, { keyProviders: [provider] });
  expect(await file.store.list()).toEqual(entries.map(({ name }) => name));
  for (const { name, version, value_hex: value } of entries) {
    const secret = await file.store.get(name, { allowExpired: true });
    expect(secret.version).toBe(version);
    expect(secret.equals(decodeHex(value))).toBe(true);
  }
}

function expectValues(
  secrets: ReadonlyMap<string, Secret>,
  expected: Readonly<Record<string, string>>,
): void {
  const values = Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.expose()]));
  expect(values).toEqual(expected);
}

async function expectRefusal(work: () => Promise<unknown>, codes: readonly SecretErrorCode[]): Promise<void> {
  const error: unknown = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(SecretError.is(error) ? codes.includes(error.code) || error.code : error).toBe(true);
}

async function withFile(content: string | Uint8Array, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "secrets-vectors-"));
  try {
    const path = join(folder, "secrets");
    await writeFile(path, content, { mode: 0o600 });
    await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
