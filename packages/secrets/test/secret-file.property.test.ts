import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SecretError } from "@symbiont/secrets";
import { SecretFile } from "@symbiont/secrets/file";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawKey } from "./test-keys.ts";

const options = { keyProviders: [rawKey()] };
let folder = "";
let count = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "secrets-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newPath(): string {
  count += 1;
  return join(folder, `secrets-${count}`);
}

const name = fc
  .array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join("/"))
  .filter((text) => !/(^|\/)(\.{0,2})(\/|$)/.test(text) && !/[\u0000-\u001f\u007f-\u009f]/.test(text));
const value = fc.oneof(fc.string({ unit: "grapheme" }), fc.uint8Array({ maxLength: 300 }));
const step = fc.oneof(
  fc.record({ do: fc.constant("set" as const), name, value }),
  fc.record({ do: fc.constant("delete" as const), name }),
  fc.record({ do: fc.constantFrom("reopen" as const, "rotate" as const) }),
);

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? Buffer.from(value) : value;
}

test("a store holds what a map would hold, across restarts and root keys", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const path = newPath();
      let file = await SecretFile.create(path, options);
      const model = new Map<string, Uint8Array>();
      for (const action of steps) {
        if (action.do === "set") {
          await file.store.set(action.name, action.value);
          model.set(action.name, bytesOf(action.value));
        } else if (action.do === "delete") {
          expect(await file.store.delete(action.name)).toBe(model.delete(action.name));
        } else if (action.do === "rotate") await file.rotateRootKey();
        else {
          await file.close();
          file = await SecretFile.open(path, options);
        }
      }
      const other = await SecretFile.open(path, options);
      for (const { store } of [file, other]) {
        expect(new Set(await store.list())).toEqual(new Set(model.keys()));
        for (const [name, bytes] of model) expect((await store.get(name)).equals(bytes)).toBe(true);
      }
      await file.close();
      await other.close();
    }),
    { numRuns: 25 },
  );
}, 60_000);

test("a file with any one bit changed is refused with a code that fits", async () => {
  const path = newPath();
  const file = await SecretFile.create(path, options);
  await file.store.set("a", "value", { notes: { owner: "x" } });
  await file.close();
  const bytes = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const damaged = newPath();
      writeFileSync(damaged, changed, { mode: 0o600 });
      const error: unknown = await SecretFile.open(damaged, options).catch((reason: unknown) => reason);
      expect(SecretError.is(error) && error.code).toMatch(
        /^SECRET_(TAMPERED|WRONG_KEY|FORMAT_INVALID|VERSION_UNSUPPORTED)$/,
      );
    }),
    { numRuns: 250 },
  );
}, 60_000);

test("a file that was cut anywhere is refused", async () => {
  const path = newPath();
  await (await SecretFile.create(path, options)).close();
  const bytes = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
      const cut = newPath();
      writeFileSync(cut, bytes.subarray(0, length), { mode: 0o600 });
      await expect(SecretFile.open(cut, options)).rejects.toMatchObject({
        code: expect.stringMatching(/^SECRET_(TAMPERED|FORMAT_INVALID)$/),
      });
    }),
    { numRuns: 100 },
  );
}, 60_000);
