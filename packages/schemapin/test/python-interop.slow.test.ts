import { generateKeyPair } from "@symbiont/keys";
import { importPins, MemoryPinStore, signSchema, verifySchema } from "@symbiont/schemapin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareWithPython } from "./interop/compare-with-python.ts";
import { installReference, PythonReference } from "./interop/python-reference.ts";
import { schemas } from "./interop/schema-generator.ts";

const why = installReference();
const domain = "tools.example.com";
const toolId = "t";

describe.skipIf(why !== "")(`the Python reference${why}`, () => {
  let reference: PythonReference;
  beforeAll(() => {
    reference = new PythonReference();
  });
  afterAll(() => reference?.close());

  test("writes a million portable schemas as we do, and we sign no others", async () => {
    const seed = Number(process.env["SCHEMAPIN_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
    const { refused } = await compareWithPython(reference, 1_000_000, seed);
    expect(refused).toBeGreaterThan(10_000);
  });

  test("signs what we verify, portable or not", async () => {
    const source = schemas(2);
    const texts = Array.from({ length: 500 }, () => source.next().value as string);
    const { public_key_pem, signatures } = await reference.ask<{
      public_key_pem: string;
      signatures: string[];
    }>("sign", texts);
    const discovery = { schema_version: "1.3", public_key_pem };
    const profiles = new Set<string>();
    for (const [index, text] of texts.entries()) {
      const signature = signatures[index] as string;
      const pins = new MemoryPinStore();
      const verified = await verifySchema(text, {
        signature,
        domain,
        toolId,
        discovery,
        pins,
        firstUse: "trust",
      });
      profiles.add(verified.profile);
    }
    // Where JavaScript writes the same as Python, it is named.
    expect([...profiles].sort()).toEqual(["code-point", "javascript", "python"]);
  });

  test("verifies what we sign, refuses what was changed, and its pins can be imported", async () => {
    const { privateKey: key, publicKey } = generateKeyPair("ES256");
    const discovery = { schema_version: "1.3", public_key_pem: publicKey.toPem() };
    const source = schemas(3);
    for (let index = 0; index < 200; index += 1) {
      const schema = source.next().value as string;
      let signature: string;
      try {
        ({ signature } = signSchema(schema, key));
      } catch {
        continue;
      }
      const ask = async (text: string) =>
        reference.ask<Record<string, any>>("verify", text, signature, domain, toolId, discovery);
      const { valid, pins } = await ask(schema);
      expect(valid).toBe(true);
      expect(importPins(pins)).toMatchObject([
        { id: { domain, subject: toolId }, pin: { fingerprint: publicKey.fingerprint } },
      ]);
      const changed = `{"changed":1${schema.length > 4 ? "," : ""}${schema.slice(1)}`;
      expect(await ask(changed)).toMatchObject({ valid: false, error_code: "signature_invalid" });
    }
  });
});
