import { encodeUtf8 } from "@symbiont/kit";
import { type ScanReport, SkillScanner, type SkillScannerOptions, SkillSnapshot } from "@symbiont/skills";
import { SKILL_MD } from "./folders.ts";

/** A snapshot of `demo-skill` with these files beside, or in place of, its SKILL.md. */
export function snapshotOf(files: Readonly<Record<string, string | Uint8Array>> = {}): SkillSnapshot {
  const entries = Object.entries({ "SKILL.md": SKILL_MD, ...files }).map(([path, content]) => ({
    path,
    bytes: typeof content === "string" ? encodeUtf8(content) : content,
  }));
  return new SkillSnapshot("demo-skill", entries);
}

export function scanOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: SkillScannerOptions = {},
): ScanReport {
  return new SkillScanner(options).scan(snapshotOf(files));
}

export function rulesIn({ findings }: ScanReport): readonly string[] {
  return [...new Set(findings.map(({ ruleId }) => ruleId))];
}
