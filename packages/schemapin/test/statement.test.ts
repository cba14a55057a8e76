import { generateKeyPair } from "@symbiont/keys";
import { encodeBase64, encodeUtf8 } from "@symbiont/kit";
import {
  attachEnvelope,
  type DsseEnvelope,
  MemoryPinStore,
  type SignToolOptions,
  type Statement,
  signDsse,
  signStatement,
  signTool,
  toolSubject,
  verifyDsse,
  verifyStatement,
} from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import { domain, judge, key, readFile, verifierOf } from "./fixtures.ts";

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const now = Date.parse("2026-06-01T00:00:00Z");
const clock = { now: () => now };
const second = generateKeyPair("ES256").privateKey;
const third = generateKeyPair("ES256").privateKey;
const statement: Statement = {
  v: 2,
  kind: "tool",
  domain,
  name: "read_file",
  issued_at: "2026-05-01T12:00:00Z",
  tool: { ...readFile },
};
const about = { domain, kind: "tool", name: "read_file", keys: [key.publicKey], clock } as const;

describe("a statement", () => {
  test("verifies with its signers and its digest", () => {
    const verified = verifyStatement(signStatement(statement, [key]), about);
    expect(verified.statement).toEqual(statement);
    expect([...verified.signers]).toEqual([key.publicKey.fingerprint]);
    expect(verified.digest).toMatch(/^sha256:/);
    expect(verified.issuedAt).toBe(Date.parse(statement.issued_at));
  });

  test.each<[string, Partial<typeof about> | object, string]>([
    ["another domain", { domain: "other.example" }, "SCHEMAPIN_DOMAIN_MISMATCH"],
    ["another kind", { kind: "skill" }, "SCHEMAPIN_STATEMENT_INVALID"],
    ["another name", { name: "write_file" }, "SCHEMAPIN_STATEMENT_INVALID"],
    ["another key", { keys: [second.publicKey] }, "SCHEMAPIN_KEY_NOT_FOUND"],
    ["a time before it", { clock: { now: () => now - 1e11 } }, "SCHEMAPIN_STATEMENT_INVALID"],
  ])("does not verify for %s", (_, more, code) => {
    expect(() => verifyStatement(signStatement(statement, [key]), { ...about, ...more })).toThrow(
      refused(code),
    );
  });

  test("expires, with a minute for clocks that differ", () => {
    const expiring = signStatement({ ...statement, expires_at: "2026-05-31T23:59:30Z" }, [key]);
    expect(verifyStatement(expiring, about).statement.expires_at).toBeDefined();
    expect(() => verifyStatement(expiring, { ...about, clock: { now: () => now + 31_000 } })).toThrow(
      refused("SCHEMAPIN_STATEMENT_EXPIRED"),
    );
  });

  test.each<[string, object]>([
    ["an unknown member", { extra: 1 }],
    ["another version", { v: 1 }],
    ["a day that does not exist", { issued_at: "2026-02-30T00:00:00Z" }],
    ["an offset", { issued_at: "2026-05-01T12:00:00+00:00" }],
    ["a date for expiry", { expires_at: "2026-06-01" }],
    ["a short previous", { previous: "sha256:11" }],
    ["no name", { name: "" }],
    ["another tool's name", { name: "write_file" }],
    ["files beside a tool", { files: [] }],
    ["an unknown kind", { kind: "bundle" }],
    ["no tool", { tool: null }],
    ["undefined", { version: undefined }],
  ])("with %s is neither signed nor verified", (_, more) => {
    const bad = { ...statement, ...more };
    expect(() => signStatement(bad as never, [key])).toThrow(refused("SCHEMAPIN_STATEMENT_INVALID"));
    const type = "application/vnd.schemapin.statement.v2+json";
    const forced = signDsse(type, encodeUtf8(JSON.stringify(bad)), [key]);
    expect(() => verifyStatement(forced, about)).toThrow(refused("SCHEMAPIN_SIGNATURE_INVALID"));
  });

  test.each([
    [{ path: "", sha256: "0".repeat(64), size: 1, x: false }],
    [{ path: "a", sha256: "0".repeat(63), size: 1, x: false }],
    [{ path: "a", sha256: "0".repeat(64), size: -1, x: false }],
    [{ path: "a", sha256: "0".repeat(64), size: 1, x: 0 }],
    [{ path: "a", sha256: "0".repeat(64), size: 1, x: true, mode: 1 }],
    [null],
  ])("about a folder with the file %j is not signed", (file) => {
    const { tool: _, ...rest } = statement as Statement & { tool: unknown };
    const skill = { ...rest, kind: "skill", files: [file] };
    expect(() => signStatement(skill as never, [key])).toThrow(refused("SCHEMAPIN_STATEMENT_INVALID"));
  });
});

describe("an envelope", () => {
  const payload = encodeUtf8("x");
  const keys = [key.publicKey, second.publicKey, third.publicKey];

  test("needs as many different keys as the threshold says", () => {
    const two = signDsse("t", payload, [key, second]);
    expect(verifyDsse(two, "t", { keys, threshold: 2 }).signers.size).toBe(2);
    expect(() => verifyDsse(two, "t", { keys, threshold: 3 })).toThrow(refused("SCHEMAPIN_KEY_NOT_FOUND"));
    const twice = { ...two, signatures: [two.signatures[0], two.signatures[0]] };
    expect(() => verifyDsse(twice, "t", { keys, threshold: 2 })).toThrow(refused("SCHEMAPIN_KEY_NOT_FOUND"));
    const sameKey = [key.publicKey, key.publicKey];
    expect(() => verifyDsse(two, "t", { keys: sameKey, threshold: 2 })).toThrow(RangeError);
    for (const threshold of [0, 1.5, 4])
      expect(() => verifyDsse(two, "t", { keys, threshold })).toThrow(RangeError);
  });

  test("with a signature by a key that counts, which does not hold, is refused", () => {
    const good = signDsse("t", payload, [key]);
    const wrong = { keyid: second.publicKey.fingerprint, sig: good.signatures[0]?.sig };
    const both = { ...good, signatures: [...good.signatures, wrong] };
    expect(() => verifyDsse(both, "t", { keys })).toThrow(refused("SCHEMAPIN_SIGNATURE_INVALID"));
    expect(verifyDsse(both, "t", { keys: [key.publicKey] }).signers.size).toBe(1);
  });

  test.each<[string, (good: DsseEnvelope) => unknown]>([
    ["of another type", (good) => ({ ...good, payloadType: "u" })],
    ["with another payload", (good) => ({ ...good, payload: encodeBase64(encodeUtf8("y")) })],
    [
      "whose type and payload moved into each other",
      (good) => ({ ...good, payloadType: "t 1 x", payload: "" }),
    ],
    ["with base64 that is not canonical", (good) => ({ ...good, payload: `${good.payload}\n` })],
    ["with a signature that is no base64", (good) => ({ ...good, signatures: [{ keyid: "k", sig: "!" }] })],
    ["with a malformed signature", (good) => ({ ...good, signatures: [null] })],
    ["with too many signatures", (good) => ({ ...good, signatures: Array(33).fill(good.signatures[0]) })],
    ["that is null", () => null],
    ["that is text", () => "x"],
  ])("%s is refused", (_, change) => {
    expect(() => verifyDsse(change(signDsse("t", payload, [key])), "t", { keys })).toThrow(
      refused("SCHEMAPIN_SIGNATURE_INVALID"),
    );
  });

  test("is not signed without a key, nor with one of another kind", () => {
    expect(() => signDsse("t", payload, [])).toThrow(TypeError);
    expect(() => signDsse("t", payload, [generateKeyPair("Ed25519").privateKey])).toThrow(TypeError);
  });
});

describe("a tool with a statement", () => {
  const offer = (attestation: SignToolOptions["attestation"] = {}, at = now, tool = readFile) =>
    attachEnvelope(
      tool,
      signTool(tool, { key, domain, clock: { now: () => at }, ...(attestation ? { attestation } : {}) }),
    );

  test("is admitted where authenticated metadata is required, one without is not", async () => {
    const { verifier } = verifierOf({ requireAuthenticatedMetadata: true, clock });
    expect(await judge(verifier, offer({ version: "1.0.0" }))).toBe("allow verified");
    const bare = attachEnvelope(readFile, signTool(readFile, { key, domain, clock }));
    expect(await judge(verifier, bare)).toBe("block SCHEMAPIN_ATTESTATION_MISSING");
  });

  test("that does not hold is blocked, also where none is required", async () => {
    const envelope = signTool(readFile, { key, domain, clock, attestation: {} });
    const forged = { ...envelope, attestation: { ...envelope.attestation, payload: "e30=" } };
    const { verifier } = verifierOf({ clock });
    expect(await judge(verifier, attachEnvelope(readFile, forged as never))).toBe(
      "block SCHEMAPIN_SIGNATURE_INVALID",
    );
    const moved = {
      ...envelope,
      attestation: signTool({ ...readFile, description: "x" }, { key, domain, clock, attestation: {} })
        .attestation,
    };
    expect(await judge(verifier, attachEnvelope(readFile, moved as never))).toBe(
      "block SCHEMAPIN_STATEMENT_INVALID",
    );
  });

  test("that has expired is blocked", async () => {
    const { verifier } = verifierOf({ clock });
    expect(await judge(verifier, offer({ expiresAt: now - 3_600_000 }, now - 7_200_000))).toBe(
      "block SCHEMAPIN_STATEMENT_EXPIRED",
    );
  });

  test("cannot be rolled back to an older one, nor to none", async () => {
    const pins = new MemoryPinStore();
    const { verifier } = verifierOf({ pins, clock, onSignedChange: "accept" });
    const older = offer({ version: "1" }, now - 1e9, { ...readFile, description: "old" });
    expect(await judge(verifier, older)).toBe("allow verified");
    expect(await judge(verifier, offer({ version: "2" }))).toBe("allow verified");
    expect(await judge(verifier, older)).toBe("block SCHEMAPIN_STATEMENT_ROLLBACK");
    const bare = attachEnvelope(readFile, signTool(readFile, { key, domain, clock }));
    expect(await judge(verifier, bare)).toBe("block SCHEMAPIN_ATTESTATION_MISSING");
    const id = { kind: "tool", domain, subject: toolSubject("files", "read_file") } as const;
    expect(await pins.get(id)).toMatchObject({ issuedAt: now, previous: [{ retiredAt: now }] });
  });

  test("needs its endorsers where the operator names some", async () => {
    const endorsers = { keys: [second.publicKey, third.publicKey], threshold: 1 };
    const { verifier } = verifierOf({ clock }, { endorsers });
    expect(await judge(verifier, offer())).toBe("block SCHEMAPIN_KEY_NOT_FOUND");
    expect(await judge(verifier, offer({ endorsers: [third] }))).toBe("allow verified");
  });
});
