import { generateKeyPair } from "@symbiont/keys";
import { encodeUtf8 } from "@symbiont/kit";
import { MemoryPinStore } from "@symbiont/schemapin";
import {
  parseSignatureFile,
  type SignSkillOptions,
  type SkillEntry,
  SkillSnapshot,
  signSkill,
  type VerifiedSkillSignature,
  type VerifySkillOptions,
  verifySkill,
} from "@symbiont/skills";
import { describe, expect, test } from "vitest";
import { SKILL_MD } from "./folders.ts";

const { privateKey: key } = generateKeyPair("ES256");
const other = generateKeyPair("ES256").privateKey;
const domain = "tools.example.com";
const at = (day: string): { now(): number } => ({ now: () => Date.parse(`2026-${day}T00:00:00Z`) });
const base: readonly SkillEntry[] = [
  { path: "SKILL.md", bytes: encodeUtf8(SKILL_MD) },
  { path: "scripts/run.sh", bytes: encodeUtf8("#!/bin/sh\n"), executable: true },
];

function sign(entries = base, options: Partial<SignSkillOptions> = {}): string {
  return signSkill(new SkillSnapshot("demo-skill", entries), { key, domain, clock: at("06-01"), ...options });
}

function withFile(text: string, entries = base, name = "demo-skill"): SkillSnapshot {
  return new SkillSnapshot(name, [...entries, { path: ".schemapin.sig", bytes: encodeUtf8(text) }]);
}

async function verify(
  snapshot: SkillSnapshot,
  options: Partial<VerifySkillOptions> = {},
): Promise<VerifiedSkillSignature> {
  return verifySkill(snapshot, {
    domain,
    discovery: { schema_version: "1.4", public_key_pem: key.publicKey.toPem() },
    pins: new MemoryPinStore(),
    mode: "strict",
    firstUse: "trust",
    requireAttestation: true,
    clock: at("06-02"),
    ...options,
  });
}

async function accept(pins: MemoryPinStore, text: string, entries = base): Promise<VerifiedSkillSignature> {
  const verified = await verify(withFile(text, entries), { pins });
  if (verified.pinToStore !== undefined) await pins.put([verified.pinToStore]);
  return verified;
}

describe("a signed skill", () => {
  test("verifies, and everything about it is authenticated", async () => {
    const text = sign(base, { version: "1.2.0", expiresAt: Date.parse("2027-01-01") });
    const verified = await verify(withFile(text));
    expect(verified).toMatchObject({
      domain,
      fingerprint: key.publicKey.fingerprint,
      pin: "first_use",
      attestation: { lineage: "first", statement: { version: "1.2.0", name: "demo-skill" } },
      pinToStore: { id: { kind: "skill", domain, subject: "demo-skill" } },
    });
  });

  test("is signed the same way twice", () => {
    expect(sign()).toBe(sign());
  });

  test("has its members in the order that other implementations write", () => {
    const text = sign(base, {
      version: "1.0.0",
      expiresAt: Date.parse("2027-01-01"),
      previousHash: "sha256:00",
    });
    expect(Object.keys(JSON.parse(text))).toEqual([
      "schemapin_version",
      "skill_name",
      "skill_hash",
      "signature",
      "signed_at",
      "expires_at",
      "schema_version",
      "previous_hash",
      "domain",
      "signer_kid",
      "file_manifest",
      "attestation",
    ]);
    expect(text.endsWith("}\n")).toBe(true);
  });

  test.each([
    ["a changed byte", base.map((entry) => ({ ...entry, bytes: encodeUtf8(`${SKILL_MD}x`) }))],
    ["an added file", [...base, { path: "x", bytes: encodeUtf8("") }]],
    ["a removed file", base.slice(0, 1)],
    ["a script that may no longer be executed", base.map(({ path, bytes }) => ({ path, bytes }))],
  ])("with %s is refused", async (_, entries) => {
    await expect(verify(withFile(sign(), entries))).rejects.toMatchObject({
      code: "SCHEMAPIN_SIGNATURE_INVALID",
    });
  });

  test("whose bytes moved into a name is refused, which format 1 alone cannot tell", async () => {
    const moved: SkillEntry[] = [
      { path: "SKILL.md", bytes: encodeUtf8(SKILL_MD) },
      { path: "scripts/run.sh#", bytes: encodeUtf8("!/bin/sh\n"), executable: true },
    ];
    const file = JSON.parse(sign()) as Record<string, Record<string, string>>;
    const manifest = file["file_manifest"] ?? {};
    manifest["scripts/run.sh#"] = manifest["scripts/run.sh"] ?? "";
    delete manifest["scripts/run.sh"];
    await expect(verify(withFile(JSON.stringify(file), moved))).rejects.toMatchObject({
      code: "SCHEMAPIN_SIGNATURE_INVALID",
    });
    const { attestation: _, ...v1 } = file;
    const old = await verify(withFile(JSON.stringify(v1), moved), { requireAttestation: false });
    expect(old.claims.authenticated).toBe(false);
  });

  test("in a folder of another name is refused", async () => {
    await expect(verify(withFile(sign(), base, "other-skill"))).rejects.toMatchObject({
      code: "SCHEMAPIN_STATEMENT_INVALID",
    });
  });

  test("needs its attestation again once it had one", async () => {
    const pins = new MemoryPinStore();
    await accept(pins, sign());
    const { attestation: _, ...v1 } = JSON.parse(sign());
    await expect(
      verify(withFile(JSON.stringify(v1)), { pins, requireAttestation: false }),
    ).rejects.toMatchObject({ code: "SCHEMAPIN_ATTESTATION_MISSING" });
  });

  test("that has expired is refused", async () => {
    const text = sign(base, { expiresAt: Date.parse("2026-06-02") });
    await expect(verify(withFile(text), { clock: at("06-04") })).rejects.toMatchObject({
      code: "SCHEMAPIN_SIGNATURE_EXPIRED",
    });
    const file = { ...JSON.parse(text), expires_at: "2099-01-01T00:00:00Z" };
    await expect(verify(withFile(JSON.stringify(file)), { clock: at("06-04") })).rejects.toMatchObject({
      code: "SCHEMAPIN_STATEMENT_EXPIRED",
    });
  });

  test("needs the operator to say whose it is, in strict mode", async () => {
    const { domain: _, ...options } = { domain: "", pins: new MemoryPinStore() };
    const withoutDomain = {
      ...options,
      discovery: { schema_version: "1.4", public_key_pem: key.publicKey.toPem() },
      firstUse: "trust",
      requireAttestation: true,
      clock: at("06-02"),
    } as const;
    const snapshot = withFile(sign());
    await expect(verifySkill(snapshot, { ...withoutDomain, mode: "strict" })).rejects.toMatchObject({
      code: "SKILL_DOMAIN_MISSING",
    });
    expect((await verifySkill(snapshot, { ...withoutDomain, mode: "permissive" })).domain).toBe(domain);
  });

  test("of which something was left out is refused", async () => {
    const snapshot = new SkillSnapshot(
      "demo-skill",
      [...base, { path: ".schemapin.sig", bytes: encodeUtf8(sign()) }],
      { problems: [{ code: "excluded", path: ".git", weight: "warn" }] },
    );
    await expect(verify(snapshot)).rejects.toMatchObject({ code: "SKILL_UNSAFE_ENTRY", paths: [".git"] });
  });
});

describe("what comes after what was pinned", () => {
  const first = sign(base, { version: "1.1.0", clock: at("06-01") });
  const changed = [...base, { path: "x", bytes: encodeUtf8("x") }];

  test("is a successor when it says so, and else a gap", async () => {
    for (const lineage of ["successor", "gap"] as const) {
      const pins = new MemoryPinStore();
      const { attestation } = await accept(pins, first);
      const previous = lineage === "gap" ? {} : { previous: attestation?.digest ?? "" };
      const next = sign(changed, { version: "1.2.0", clock: at("06-02"), ...previous });
      expect((await accept(pins, next, changed)).attestation?.lineage).toBe(lineage);
      expect((await accept(pins, next, changed)).attestation?.lineage).toBe("same");
    }
  });

  test.each([
    ["an older statement", { version: "1.2.0", clock: at("05-31") }, "SCHEMAPIN_STATEMENT_ROLLBACK"],
    ["an older version", { version: "1.0.9", clock: at("06-02") }, "SKILL_VERSION_ROLLBACK"],
    ["a preview of the version", { version: "1.1.0-rc.1", clock: at("06-02") }, "SKILL_VERSION_ROLLBACK"],
    [
      "another statement of the instant",
      { version: "1.2.0", clock: at("06-01") },
      "SCHEMAPIN_LINEAGE_BROKEN",
    ],
    ["another key", { version: "1.2.0", key: other, clock: at("06-02") }, "SCHEMAPIN_SIGNATURE_INVALID"],
  ])("is refused when it is %s", async (_, options, code) => {
    const pins = new MemoryPinStore();
    await accept(pins, first);
    const next = withFile(sign(changed, options), changed);
    await expect(verify(next, { pins })).rejects.toMatchObject({ code });
  });
});

describe("signing refuses", () => {
  const named = (path: string): readonly SkillEntry[] => [...base, { path, bytes: encodeUtf8("") }];
  test.each([
    ["names that sort differently", [...named("Ａ.md"), ...named("😀.md").slice(2)], "SKILL_NOT_PORTABLE"],
    ["a name that has another form", named("\u212bngstrom.md"), "SKILL_NOT_PORTABLE"],
    ["a file called __proto__", named("__proto__"), "SKILL_NOT_PORTABLE"],
    ["what a skill may not hold", named("a:b"), "SKILL_UNSAFE_ENTRY"],
    ["a nested signature file", named("a/.schemapin.sig"), "SKILL_UNSAFE_ENTRY"],
    ["a folder without SKILL.md", base.slice(1), "SKILL_FRONTMATTER_INVALID"],
  ])("%s", (_, entries, code) => {
    expect(() => sign(entries)).toThrow(expect.objectContaining({ code }));
  });

  test("a skill that is not called like its folder", () => {
    const snapshot = new SkillSnapshot("other", base);
    expect(() => signSkill(snapshot, { key, domain })).toThrow(
      expect.objectContaining({ code: "SKILL_NAME_MISMATCH" }),
    );
  });

  test("a snapshot that does not know what may be executed", () => {
    const snapshot = new SkillSnapshot("demo-skill", base, { modesKnown: false });
    expect(() => signSkill(snapshot, { key, domain })).toThrow(
      expect.objectContaining({ code: "SKILL_NOT_PORTABLE" }),
    );
  });
});

test.each([
  ["no JSON", "{"],
  ["an array", "[]"],
  ["a missing member", "{}"],
  ["a member twice", '{"domain":"a","domain":"b"}'],
  ["a manifest of something else", JSON.stringify({ ...JSON.parse(sign()), file_manifest: { a: 1 } })],
  ["a prototype", '{"__proto__":{}}'],
])("a signature file with %s is refused", (_, text) => {
  expect(() => parseSignatureFile(encodeUtf8(text))).toThrow(
    expect.objectContaining({ code: "SCHEMAPIN_SIGNATURE_INVALID" }),
  );
});
