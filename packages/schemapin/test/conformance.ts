import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { importPrivateKeyPem, importPublicKeyPem, sha256, sha256Hex, sign, verify } from "@symbiont/keys";
import { decodeBase64, encodeBase64, KitError } from "@symbiont/kit";
import {
  attachEnvelope,
  canonicalize,
  type DomainPolicy,
  ENVELOPE_KEY,
  Enforcement,
  type EnforcementMode,
  importPins,
  MemoryPinStore,
  type PinChoice,
  SchemaPinError,
  SchemaPinToolVerifier,
  signSchema,
  signStatement,
  signTool,
  type Verification,
  type VerifyProfile,
  verifySchema,
  verifySignature,
  verifyStatement,
  verifySymbiontSchema,
} from "@symbiont/schemapin";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";
import { documentsSuite } from "./documents-conformance.ts";

const keys = JSON.parse(readFileSync(new URL("./vectors/schemapin/keys.json", import.meta.url), "utf8"));
const publisher = keys.keys["publisher-a"];
const privateKey = importPrivateKeyPem(publisher.private_pkcs8_pem);

const discoveryOf = (public_key_pem: string): object => ({ schema_version: "1.4", public_key_pem });

/** What the vectors call a failure to read the text, by the code of the lower error. */
const unreadable: Readonly<Record<string, string>> = {
  "duplicate-key": "JSON_DUPLICATE_NAME",
  "forbidden-key": "JSON_RESERVED_NAME",
  "invalid-json": "JSON_SYNTAX",
  "invalid-utf8": "JSON_ILL_FORMED_TEXT",
  "lone-surrogate": "JSON_ILL_FORMED_TEXT",
  "too-deep": "JSON_TOO_DEEP",
  bom: "JSON_SYNTAX",
};

/** Our name for each implementation whose output the vectors hold. */
const profiles: Readonly<Record<string, VerifyProfile>> = {
  javascript: "javascript",
  python: "python",
  rust_serde_json_1_0_87: "rust",
  go_1_19: "go-single",
};

/** What an implementation signed verifies, as soon as it says the same as the schema. */
function verifiesAs(schema: Uint8Array, implementation: string, outputs: Record<string, string>): void {
  const profile = profiles[implementation] as VerifyProfile;
  const output = outputs[implementation] as string;
  const goSingle = profile === "go-single";
  const signature = encodeBase64(sign(privateKey, goSingle ? output : sha256(output)));
  const options = { signature, key: privateKey.publicKey, goSingle };
  const { text } = canonicalize(schema);
  if (!isDeepStrictEqual(readLoosely(output), readLoosely(text))) {
    expect(() => verifySignature(schema, options)).toThrow(
      expect.objectContaining({ protocolCode: "signature_invalid" }),
    );
    return;
  }
  const found = verifySignature(schema, options).profile;
  if (goSingle) expect(found).toBe("go-single");
  // Where several write the same text, the first of them is named.
  else if (found === "code-point") expect(output).toBe(text);
  else if (found !== profile) {
    const first = Object.keys(profiles).find((name) => profiles[name] === found) as string;
    expect(output).toBe(outputs[first]);
  }
}

/** Undefined when it is not JSON; the sign of zero does not count. */
function readLoosely(text: string): unknown {
  try {
    return JSON.parse(text, (_, value) => (value === 0 ? 0 : value));
  } catch {
    return undefined;
  }
}

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (SchemaPinError.is(error)) return error;
    throw error;
  }
}

export const suite: ConformanceSuite = {
  ...documentsSuite,
  "schemapin/canonicalization.json": (data, check) => {
    for (const { name, input_hex, outputs, expect: expected } of data.cases) {
      const bytes = Uint8Array.from(Buffer.from(input_hex, "hex"));
      const unreadableReason = [...Object.keys(unreadable), "not-an-object", "number-not-finite"];
      if (!unreadableReason.includes(expected.reason)) {
        for (const implementation of Object.keys(profiles)) {
          if (typeof outputs[implementation] !== "string") continue;
          check(`${name}, signed by ${implementation}`, () => verifiesAs(bytes, implementation, outputs));
        }
      }
      check(name, async () => {
        if (expected.sign === "ok") {
          const { text, issues } = canonicalize(bytes);
          expect(text).toBe(expected.canonical);
          expect(issues).toEqual([]);
          expect(sha256Hex(text)).toBe(expected.sha256);
          expect(sha256Hex(sha256(text))).toBe(expected.signed_digest_double_sha256);
          const { signature } = signSchema(bytes, privateKey);
          expect(verify(privateKey.publicKey, decodeBase64(signature), sha256(text))).toBe(true);
          return;
        }
        const error = (await outcome(() => signSchema(bytes, privateKey))) as SchemaPinError;
        expect(error).toBeInstanceOf(SchemaPinError);
        const lower = unreadable[expected.reason];
        if (expected.reason === "not-an-object" || expected.reason === "number-not-finite") {
          expect(error.code).toBe("SCHEMAPIN_CANONICALIZATION_FAILED");
        } else if (lower === undefined) {
          expect(error.code).toBe("SCHEMAPIN_NOT_PORTABLE");
          expect(error.message.endsWith(`: ${expected.reason}`)).toBe(true);
        } else {
          expect(error.code).toBe("SCHEMAPIN_CANONICALIZATION_FAILED");
          expect((error.cause as KitError).code).toBe(lower);
        }
      });
    }
  },
  "schemapin/schema-verify.json": (data, check) => {
    for (const test of data.cases) {
      check(test.name, async () => {
        const pins = new MemoryPinStore();
        const idOf = (name: string) => {
          const at = name.lastIndexOf("@");
          return { kind: "tool", domain: name.slice(at + 1), subject: name.slice(0, at) } as const;
        };
        for (const [name, fingerprint] of Object.entries<string>(test.pins)) {
          await pins.put([{ id: idOf(name), pin: { fingerprint, firstSeen: 0, trust: "tofu" } }]);
        }
        const result = (await outcome(() =>
          verifySchema(test.schema_text, {
            signature: test.signature,
            domain: test.domain,
            toolId: test.tool_id,
            discovery: test.discovery,
            revocation: test.revocation,
            canonicalization: test.canonicalization,
            pins,
            firstUse: "trust",
          }),
        )) as any;
        const { verdict, code, pin, warnings } = test.expect;
        if (verdict === "valid") {
          expect(result).toMatchObject({ pin, ...(warnings === undefined ? {} : { warnings }) });
        } else {
          expect(result).toBeInstanceOf(SchemaPinError);
          expect(result.protocolCode).toBe(code);
        }
        if (test.expect.profile_go_single_hash !== undefined) {
          const key = importPublicKeyPem(test.discovery.public_key_pem);
          const checked = verifySignature(test.schema_text, {
            signature: test.signature,
            key,
            goSingle: true,
          });
          expect(checked.profile).toBe("go-single");
        }
        const stored = await pins.get(idOf(`${test.tool_id}@${test.domain}`));
        const before = test.pins[`${test.tool_id}@${test.domain}`];
        expect(stored?.fingerprint).toBe(verdict === "valid" ? (before ?? result.fingerprint) : before);
      });
    }
  },
  "schemapin/mcp-tools.json": (data, check) => {
    for (const test of data.cases) {
      const tool = test.after_sdk_1_32_2_parse;
      const discovery = {
        schema_version: "1.4",
        public_key_pem: publisher.public_key_pem,
      };
      check(test.name, async () => {
        const findings: Record<string, any> = {};
        for (const mode of ["strict", "permissive"] as const) {
          const verifier = new SchemaPinToolVerifier({
            servers: new Map([["weather", { domain: "tools.example.com", discovery }]]),
            pins: new MemoryPinStore(),
            mode,
            firstUse: "trust",
          });
          const { tools, findings: found } = await verifier.admit([tool], "weather");
          findings[mode] = { ...found[0], shown: tools[0]?.definition };
        }
        const { verdict, code, covered } = test.expect;
        const { strict, permissive } = findings;
        if (verdict === "valid") {
          expect(strict).toMatchObject({ action: "allow", code: "verified" });
          expect(Object.keys(strict.shown).sort()).toEqual([...(covered as string[])].sort());
        } else if (verdict === "unsigned") {
          expect(strict).toMatchObject({ action: "block", code: "SCHEMAPIN_SIGNATURE_MISSING" });
          expect(permissive).toMatchObject({ action: "warn", code: "SCHEMAPIN_SIGNATURE_MISSING" });
        } else if (verdict === "valid-partial" || code === "uncovered_field") {
          expect(strict).toMatchObject({ action: "block", code: "SCHEMAPIN_UNCOVERED_FIELD" });
          expect(permissive.action).toBe("warn");
          for (const field of test.expect.uncovered) expect(permissive.shown).not.toHaveProperty(field);
        } else {
          const ours = `SCHEMAPIN_${code.toUpperCase()}`;
          expect(strict).toMatchObject({ action: "block", code: ours });
          expect(permissive).toMatchObject({ action: "block", code: ours });
        }
        expect(strict.shown ?? {}).not.toHaveProperty("_meta");
        expect(ENVELOPE_KEY).toBe(data.meta_key);
      });
    }
  },
  "schemapin/symbiont-native.json": (data, check) => {
    const schema: string = data.schema_text;
    const signedAs = (payload: string): string => {
      const { signature } = JSON.parse(schema);
      return schema.replace(signature, encodeBase64(sign(privateKey, payload)));
    };
    check("the published schema verifies with the sorted payload", () => {
      const { profile } = verifySymbiontSchema(schema, privateKey.publicKey);
      expect(profile).toBe("sorted");
    });
    check("each payload verifies", () => {
      const key = privateKey.publicKey;
      const sorted = signedAs(data.payload_default_serde_json_utf8);
      const inOrder = signedAs(data.payload_with_preserve_order_utf8);
      expect(verifySymbiontSchema(sorted, key).profile).toBe("sorted");
      expect(verifySymbiontSchema(inOrder, key).profile).toBe("file-order");
    });
  },
  "schemapin/enforcement.json": (data, check) => {
    const env = { NODE_ENV: "test" };
    const unverified = (status: string): Verification =>
      ({ status: status.toLowerCase(), code: "x", reason: "y" }) as Verification;
    for (const [policy, decisions] of Object.entries<Record<string, string>>(data.decisions)) {
      const mode = policy.toLowerCase() as EnforcementMode;
      for (const [status, action] of Object.entries(decisions)) {
        check(`${policy}: ${status}`, async () => {
          if (status === "Verified") {
            const verifier = new SchemaPinToolVerifier({
              servers: new Map([
                ["s", { domain: "d.example", discovery: discoveryOf(publisher.public_key_pem) }],
              ]),
              pins: new MemoryPinStore(),
              mode,
              env,
            });
            const tool = { name: "t", description: "d", inputSchema: { type: "object" } };
            const envelope = signTool(tool, { key: privateKey, domain: "d.example" });
            const { findings } = await verifier.admit([attachEnvelope(tool, envelope)], "s");
            expect(findings[0]?.action).toBe(action);
          } else {
            expect(new Enforcement({ mode, env }).decide(unverified(status), "t").action).toBe(action);
          }
        });
      }
    }
    const { default_flags: flags, production_guard: guard, interactive } = data;
    check("skipped tools pass in development only when told so", () => {
      const options = { mode: "development", allowSkippedInDevelopment: true, env } as const;
      const wanted = data.flag_effects.find(({ flag }: any) => flag === "allow_skipped_in_dev=true");
      expect(new Enforcement(options).decide(unverified("Skipped"), "t").action).toBe(
        wanted.Development.Skipped,
      );
    });
    check("warnings escalate", () => {
      const enforcement = new Enforcement({ mode: "permissive", env });
      const said = Array.from({ length: 20 }, () => enforcement.decide(unverified("Pending"), "t").escalated);
      const expected = said.map(
        (_, index) => (index + 1) % flags.max_warnings_before_escalation === 0 || undefined,
      );
      expect(said).toEqual(expected);
    });
    for (const policy of guard.blocks) {
      const mode = policy.toLowerCase();
      check(`${policy} is refused in production, unless overridden`, () => {
        const production = { SYMBIONT_ENV: "production" };
        expect(() => new Enforcement({ mode, env: production })).toThrow(
          expect.objectContaining({ code: "SCHEMAPIN_ENFORCEMENT_REFUSED" }),
        );
        for (const value of ["1", "true", "TRUE"]) {
          const overridden = new Enforcement({ mode, env: { ...production, [guard.override_env]: value } });
          expect(overridden.isBypassed).toBe(true);
        }
      });
    }
    check("every decision of a person is known", () => {
      const choices: readonly PinChoice[] = [
        "accept",
        "reject",
        "always_trust",
        "never_trust",
        "temporary_accept",
      ];
      expect(interactive.decisions).toEqual(choices);
      const policies: readonly DomainPolicy[] = [
        "default",
        "always_trust",
        "never_trust",
        "interactive_only",
      ];
      expect(interactive.domain_policies).toEqual(policies);
    });
  },
  "schemapin/pin-stores.json": (data, check) => {
    for (const { name, data: stored } of data.formats) {
      check(name, async () => {
        const pins = importPins(JSON.stringify(stored));
        expect(pins.length).toBeGreaterThan(0);
        const { fingerprint } = privateKey.publicKey;
        for (const { id, pin } of pins) {
          expect(id.domain).toBe("tools.example.com");
          expect(pin.fingerprint).toBe(fingerprint);
        }
        const store = new MemoryPinStore();
        await store.put(pins);
        expect((await store.list()).length).toBe(pins.length);
      });
    }
    for (const { pins: both, expect: expected } of data.collisions) {
      check(JSON.stringify(both), async () => {
        const store = new MemoryPinStore();
        const ids = both.map(([subject, domain]: string[]) => ({ kind: "tool", domain, subject }));
        const digest = `sha256:${"0".repeat(64)}`;
        for (const id of ids) await store.put([{ id, pin: { digest, firstSeen: 0, trust: "tofu" } }]);
        expect((await store.list()).length).toBe(expected.startsWith("same") ? 1 : 2);
      });
    }
  },
  "schemapin/v2-draft.json": (data, check) => {
    const clock = { now: () => Date.parse("2026-06-01T00:00:00Z") };
    const keys = [privateKey.publicKey];
    for (const kind of ["skill", "tool"] as const) {
      const { statement, payload_utf8, envelope } = data[kind];
      const about = { kind, domain: statement.domain, name: statement.name, keys, clock };
      check(`a ${kind} is signed byte for byte`, () => {
        const signed = signStatement(statement, [privateKey]);
        expect(signed).toEqual(envelope);
        expect(new TextDecoder().decode(decodeBase64(signed.payload))).toBe(payload_utf8);
      });
      check(`a ${kind} verifies`, () => {
        expect(verifyStatement(envelope, about).statement).toEqual(statement);
      });
    }
    for (const { name, envelope, expect: expected } of data.invalid) {
      check(name, () => {
        const about = {
          kind: "skill",
          domain: "tools.example.com",
          name: "demo-skill",
          keys,
          clock,
        } as const;
        expect(() => verifyStatement(envelope, about)).toThrow(
          expect.objectContaining({ protocolCode: expected.split(" ")[0] }),
        );
      });
    }
  },
  "schemapin/published.json": (data, check) => {
    for (const {
      source,
      signed,
      well_known,
      canonical_utf8,
      double_hash_verifies,
      key_fingerprint,
    } of data.cases) {
      check(source, () => {
        const { text } = canonicalize(signed.schema);
        expect(text).toBe(canonical_utf8);
        const key = importPublicKeyPem(well_known.public_key_pem);
        expect(key.fingerprint).toBe(key_fingerprint);
        expect(verify(key, decodeBase64(signed.signature), sha256(text))).toBe(double_hash_verifies);
      });
    }
    for (const { source, schema, canonical_utf8, sha256_hex } of data.sample_schemas) {
      check(source, () => {
        const { text } = canonicalize(schema);
        expect(text).toBe(canonical_utf8);
        expect(sha256Hex(text)).toBe(sha256_hex);
      });
    }
  },
};
