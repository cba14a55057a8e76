import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { importPrivateKeyPem } from "@symbiont/keys";
import { encodeHex, encodeUtf8 } from "@symbiont/kit";
import { checkSuccessor, MemoryPinStore } from "@symbiont/schemapin";
import {
  BUILT_IN_RULES,
  compareManifests,
  type Finding,
  parseSignatureFile,
  parseSkillDocument,
  type ScanReport,
  SkillScanner,
  SkillSnapshot,
  signSkill,
  type VerifySkillOptions,
  v1Manifest,
  verifySkill,
} from "@symbiont/skills";
import { readSkillFolder } from "@symbiont/skills/folder";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";

const { keys } = JSON.parse(readFileSync(new URL("./vectors/schemapin/keys.json", import.meta.url), "utf8"));
const keyOf = (label: string): any => keys[label];
const clock = { now: (): number => Date.parse("2026-06-01T00:00:00Z") };
const domain = "tools.example.com";

async function written<T>(test: any, use: (snapshot: SkillSnapshot) => T | Promise<T>): Promise<T> {
  const base = mkdtempSync(join(tmpdir(), "skill-vector-"));
  try {
    const folder = join(base, "demo-skill");
    mkdirSync(folder);
    for (const { path, type, mode, target, content_utf8, content_b64 } of test.entries) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      if (type === "symlink") symlinkSync(target, file);
      else if (type === "dir") mkdirSync(file, { recursive: true });
      else {
        writeFileSync(file, content_b64 === undefined ? content_utf8 : Buffer.from(content_b64, "base64"));
        chmodSync(file, Number.parseInt(mode, 8));
      }
    }
    if (test.schemapin_sig !== null) {
      writeFileSync(join(folder, ".schemapin.sig"), JSON.stringify(test.schemapin_sig));
    }
    return await use(await readSkillFolder(folder));
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

async function verifyWith(
  snapshot: SkillSnapshot,
  test: any,
  more: Partial<VerifySkillOptions> = {},
): Promise<any> {
  const pins = new MemoryPinStore();
  for (const [name, fingerprint] of Object.entries<string>(test.pins)) {
    const [subject = "", of = ""] = name.split("@");
    await pins.put([
      { id: { kind: "skill", domain: of, subject }, pin: { fingerprint, firstSeen: 0, trust: "tofu" } },
    ]);
  }
  return verifySkill(snapshot, {
    domain,
    id: "demo-skill",
    discovery: { schema_version: "1.4", public_key_pem: keyOf(test.discovery_key).public_key_pem },
    ...(test.revocation === undefined ? {} : { revocation: test.revocation }),
    pins,
    mode: "permissive",
    firstUse: "trust",
    requireAttestation: false,
    clock,
    ...more,
  });
}

/** The JavaScript implementation passes over a file called `__proto__`, and so does the root computed with it. */
const rootOf = (test: any): string | undefined =>
  test.entries.some(({ path }: any) => path === "__proto__")
    ? test.reference_python_root
    : test.root_hash_v1_codepoint_order;

const ours = (code: string): string =>
  code === "skill_unsafe_entry" ? "SKILL_UNSAFE_ENTRY" : `SCHEMAPIN_${code.toUpperCase()}`;

const scanner = new SkillScanner();
const FRONT = "---\nname: demo-skill\ndescription: Formats a table.\n---\n";

/** What is found in a text, as a script, in a fence or as prose. */
function scanned(text: string, form: "script" | "fence" | "prose"): ScanReport {
  const body = { script: "", fence: `\`\`\`bash\n${text}\n\`\`\`\n`, prose: `${text}\n` }[form];
  const entries = [{ path: "SKILL.md", bytes: encodeUtf8(`${FRONT}${body}`) }];
  if (form === "script") entries.push({ path: "run.sh", bytes: encodeUtf8(text) });
  return scanner.scan(new SkillSnapshot("demo-skill", entries));
}

export const suite: ConformanceSuite = {
  "schemapin/scanner-lines.json": (data, check) => {
    for (const { group, transform = "", attack, text } of data.rows) {
      for (const form of ["script", "fence", "prose"] as const) {
        check(`${group} ${transform} ${attack}, as ${form}`, () => {
          const { verdict } = scanned(text, form);
          if (group === "benign") expect(verdict).toBe("info");
          else expect(verdict).not.toBe("info");
        });
      }
    }
  },
  "skill-rules/rules.json": (data, check) => {
    check("every rule is here, and no other", () => {
      expect(Object.keys(data.rules).sort()).toEqual(BUILT_IN_RULES.map(({ id }) => id).sort());
    });
    for (const [id, { in: form, positive, negative, evasion }] of Object.entries<any>(data.rules)) {
      const found = (text: string): readonly Finding[] =>
        scanned(text, form).findings.filter(({ ruleId }) => ruleId === id);
      for (const text of [...positive, ...evasion]) {
        check(`${id} finds ${JSON.stringify(text)}`, () => expect(found(text)).not.toEqual([]));
      }
      for (const text of negative) {
        check(`${id} passes over ${JSON.stringify(text)}`, () => {
          const grave = found(text).filter(
            ({ severity, confidence }) =>
              confidence !== "low" && (severity === "critical" || severity === "high"),
          );
          expect(id.startsWith("note.") ? found(text) : grave).toEqual([]);
        });
      }
    }
  },
  "schemapin/skills.json": (data, check) => {
    for (const test of data.cases) {
      const { expect: expected, schemapin_sig } = test;
      check(test.name, async () =>
        written(test, async (snapshot) => {
          if (expected.v1 === "valid") {
            const verified = await verifyWith(snapshot, test);
            expect(verified.claims.authenticated).toBe(false);
            if (expected.expired === true) expect(verified.claims.warnings).toEqual(["signature_expired"]);
            if (expected.warnings !== undefined) {
              expect(verified.claims.warnings).toEqual(expected.warnings);
            }
            await expect(verifyWith(snapshot, test, { requireAttestation: true })).rejects.toMatchObject({
              code: "SCHEMAPIN_ATTESTATION_MISSING",
            });
            if (expected.expired !== undefined) {
              await expect(verifyWith(snapshot, test, { mode: "strict" })).rejects.toMatchObject({
                code: "SCHEMAPIN_SIGNATURE_EXPIRED",
              });
            }
          } else {
            await expect(verifyWith(snapshot, test)).rejects.toMatchObject({ code: ours(expected.code) });
          }
          if (expected.profile_go_single_hash === "valid")
            await verifyWith(snapshot, test, { goSingle: true });
          if (expected.tampered !== undefined) {
            const { file_manifest } = parseSignatureFile(encodeUtf8(JSON.stringify(schemapin_sig)));
            expect(compareManifests(file_manifest, v1Manifest(snapshot).files)).toEqual(expected.tampered);
          }
          const root = rootOf(test);
          if (root !== undefined && snapshot.problems.length === 0) {
            expect(encodeHex(v1Manifest(snapshot).root)).toBe(root);
          }
        }),
      );
    }
    for (const { name, current_previous_hash, previous_skill_hash, reference_javascript } of data.lineage) {
      check(`lineage: ${name}`, () => {
        const run = (): void =>
          checkSuccessor({ hash: "", previousHash: current_previous_hash }, { hash: previous_skill_hash });
        if (reference_javascript === "ok") run();
        else expect(run).toThrow(expect.objectContaining({ code: "SCHEMAPIN_LINEAGE_BROKEN" }));
      });
    }
    for (const { name, skill_md } of data.skill_name_parsing) {
      check(`name: ${name}`, () => {
        // The texts have no description, which a skill needs.
        const text = name === "empty-value" ? skill_md : skill_md.replace(/\n/, "\ndescription: d\n");
        const read = (): string => parseSkillDocument(encodeUtf8(text)).frontmatter.name;
        // Where implementations disagree, or the format forbids the name, there is none.
        if (name === "crlf" || name === "trailing-comment") expect(read()).toBe("a");
        else expect(read).toThrow(expect.objectContaining({ code: "SKILL_FRONTMATTER_INVALID" }));
      });
    }
  },
  "schemapin/v2-draft.json": (data, check) => {
    const { statement, envelope } = data.skill;
    const key = importPrivateKeyPem(keyOf("publisher-a").private_pkcs8_pem);
    const entries = [
      { path: "SKILL.md", bytes: encodeUtf8("---\nname: demo-skill\ndescription: d\n---\n") },
      { path: "scripts/run.sh", bytes: encodeUtf8("#!/bin/sh\necho hi\n"), executable: true },
    ];
    const about = { pins: {}, discovery_key: "publisher-a" };
    const signed = signSkill(new SkillSnapshot("demo-skill", entries), {
      key,
      domain,
      version: statement.version,
      previous: statement.previous,
      expiresAt: Date.parse(statement.expires_at),
      clock: { now: () => Date.parse(statement.issued_at) },
    });
    const withSignature = (attestation: unknown): SkillSnapshot =>
      new SkillSnapshot("demo-skill", [
        ...entries,
        { path: ".schemapin.sig", bytes: encodeUtf8(JSON.stringify({ ...JSON.parse(signed), attestation })) },
      ]);
    check("the skill is attested byte for byte", () => {
      expect(JSON.parse(signed).attestation).toEqual(envelope);
    });
    check("the attestation holds", async () => {
      const verified = await verifyWith(withSignature(envelope), about, { requireAttestation: true });
      expect(verified.attestation.statement).toEqual(statement);
    });
    for (const { name, envelope: forged, expect: expected } of data.invalid) {
      check(name, async () => {
        await expect(verifyWith(withSignature(forged), about)).rejects.toMatchObject({
          protocolCode: expected.split(" ")[0],
        });
      });
    }
  },
};
