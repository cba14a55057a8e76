import { generateKeyPair } from "@symbiont/keys";
import { importPins, MemoryPinStore, signSchema, verifySchema } from "@symbiont/schemapin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareCanonicalForms } from "./interop/compare-canonical-forms.ts";
import { installOracle } from "./interop/install-oracle.ts";
import { Reference } from "./interop/reference.ts";
import { schemas } from "./interop/schema-generator.ts";

const domain = "tools.example.com";
const toolId = "t";

interface Signed {
  readonly public_key_pem: string;
  readonly signatures: readonly string[];
}

describe.each([
  // Where a reference writes as one before it in this list does, the profile has that name.
  { language: "python", schemasCompared: 1_000_000, profiles: ["code-point", "javascript", "python"] },
  { language: "rust", schemasCompared: 250_000, profiles: ["code-point", "javascript", "python", "rust"] },
] as const)("the reference in $language", ({ language, schemasCompared, profiles }) => {
  const installed = installOracle(language);
  const skipped = installed.why !== "";
  let reference: Reference;
  beforeAll(() => {
    if (!skipped) reference = new Reference(installed);
  });
  afterAll(() => reference?.close());

  test.skipIf(skipped)(
    `writes ${schemasCompared} portable schemas as we do, and we sign no others${installed.why}`,
    async () => {
      const seed = Number(process.env["SCHEMAPIN_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
      const { refused } = await compareCanonicalForms(reference, schemasCompared, seed);
      expect(refused).toBeGreaterThan(schemasCompared / 100);
    },
  );

  test.skipIf(skipped)(`signs what we verify, portable or not${installed.why}`, async () => {
    const source = schemas(2);
    const texts = Array.from({ length: 500 }, () => source.next().value as string);
    const { public_key_pem, signatures } = await reference.ask<Signed>("sign", texts);
    const seen = new Set<string>();
    for (const [index, text] of texts.entries()) {
      const verified = await verifySchema(text, {
        signature: signatures[index] as string,
        domain,
        toolId,
        discovery: { schema_version: "1.3", public_key_pem },
        pins: new MemoryPinStore(),
        firstUse: "trust",
      });
      seen.add(verified.profile);
    }
    expect([...seen].sort()).toEqual(profiles);
  });

  test.skipIf(skipped)(
    `verifies what we sign, refuses what was changed, and its pins can be imported${installed.why}`,
    async () => {
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
        expect(await ask(changed)).toMatchObject({
          valid: false,
          error_code: expect.stringMatching(/^signature_invalid$/i) as unknown,
        });
      }
    },
  );
});

describe("signatures over what Go's encoding/json writes, hashed once", () => {
  const installed = installOracle("go");

  test.skipIf(installed.why !== "")(`count when asked for, and not otherwise${installed.why}`, async () => {
    const reference = new Reference(installed);
    const source = schemas(4);
    const texts = Array.from({ length: 500 }, () => source.next().value as string);
    const { public_key_pem, signatures } = await reference.ask<Signed>("sign", texts);
    reference.close();
    for (const [index, text] of texts.entries()) {
      const options = {
        signature: signatures[index] as string,
        domain,
        toolId,
        discovery: { schema_version: "1.3", public_key_pem },
        pins: new MemoryPinStore(),
        firstUse: "trust",
      } as const;
      await expect(verifySchema(text, options)).rejects.toMatchObject({
        code: "SCHEMAPIN_SIGNATURE_INVALID",
      });
      const verified = await verifySchema(text, { ...options, goSingle: true });
      expect(verified.profile).toBe("go-single");
    }
  });
});
