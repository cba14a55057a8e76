import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPair } from "@symbiont/keys";
import { MemoryPinStore } from "@symbiont/schemapin";
import { SkillScanner } from "@symbiont/skills";
import { loadSkill, readSkillFolder, signSkillFolder } from "@symbiont/skills/folder";
import type { Bench } from "../../../scripts/bench/bench.ts";

/** A skill of ten mebibytes of code and prose, in files of 64 KiB. */
function bigSkill(): string {
  const folder = join(mkdtempSync(join(tmpdir(), "skills-bench-")), "big-skill");
  process.once("exit", () => rmSync(join(folder, ".."), { recursive: true, force: true }));
  mkdirSync(join(folder, "references"), { recursive: true });
  writeFileSync(join(folder, "SKILL.md"), "---\nname: big-skill\ndescription: Large.\n---\n# Big\n");
  const code =
    'export async function read(path: string): Promise<string> {\n  const text = await load(path, { env: process.env });\n  return text.replace(/\\s+/g, " ");\n}\n\n';
  const prose =
    "Run `npm test` and read what it says. When it fails, look at the first message; the others follow from it.\n\n";
  for (let index = 0; index < 160; index += 1) {
    const [text, extension] = index % 2 === 0 ? [code, "ts"] : [prose, "md"];
    const size = 64 << 10;
    writeFileSync(
      join(folder, "references", `f${index}.${extension}`),
      text.repeat(Math.ceil(size / text.length)).slice(0, size),
    );
  }
  return folder;
}

const folder = bigSkill();
const { privateKey: key } = generateKeyPair("ES256");
const domain = "tools.example.com";
await signSkillFolder(folder, { key, domain });
const discovery = { schema_version: "1.4", public_key_pem: key.publicKey.toPem() };
const snapshot = await readSkillFolder(folder);

function readAndHash(): void {
  for (const name of readdirSync(join(folder, "references"))) {
    createHash("sha256")
      .update(readFileSync(join(folder, "references", name)))
      .digest();
  }
}

export const benches: readonly Bench[] = [
  {
    name: "load a signed skill of 10 MiB: read, verify, scan",
    ours: async () => {
      const skill = await loadSkill(folder, {
        mode: "strict",
        domain,
        discovery,
        pins: new MemoryPinStore(),
        scanner: new SkillScanner(),
        firstUse: "trust",
      });
      if (skill.status !== "loaded") throw new Error(JSON.stringify(skill.reasons));
    },
    floor: readAndHash,
    floorName: "read and SHA-256 every file",
  },
  {
    name: "scan 10 MiB of code and prose",
    ours: () => new SkillScanner().scan(snapshot),
    floor: () => {
      for (const { path } of snapshot.files) new TextDecoder().decode(snapshot.bytes(path)).split("\n");
    },
    floorName: "decode and split into lines",
  },
];
