import { parseSkillDocument, type SkillFrontmatter } from "../../format/frontmatter.ts";
import { SkillError } from "../../skill-error.ts";
import type { SkillSnapshot } from "../../snapshot/skill-snapshot.ts";
import { type Finding, makeFinding } from "../finding.ts";
import type { Confidence, Severity } from "../scan-rule.ts";

const FILE = "SKILL.md";
const ORDERS_TO_OTHERS =
  /\b(?:always|must|instead\s+of|before\s+(?:using|calling)|prefer\s+this\s+over)\b[^.\n]{0,80}\b(?:any|every|all|other)\s+(?:other\s+)?(?:tools?|skills?|requests?|messages?|conversations?)\b/i;

/** What is wrong with what a skill says about itself. */
export function manifestFindings(snapshot: SkillSnapshot): readonly Finding[] {
  const bytes = snapshot.bytes(FILE);
  if (bytes === undefined)
    return [finding("manifest.missing", "medium", "medium", "there is no SKILL.md", "")];
  try {
    return [...judge(parseSkillDocument(bytes).frontmatter, snapshot.directoryName)];
  } catch (error) {
    if (!SkillError.is(error)) throw error;
    return [finding("manifest.invalid", "medium", "medium", error.message, "")];
  }
}

function* judge(
  { name, description, allowedTools }: SkillFrontmatter,
  directoryName: string,
): Generator<Finding> {
  if (name !== directoryName) {
    yield finding("manifest.name", "medium", "medium", "the skill is not called like its folder", name);
  }
  if (ORDERS_TO_OTHERS.test(description)) {
    const why = "the description reaches for other tools, skills or requests";
    yield finding("manifest.description", "medium", "medium", why, description);
  }
  for (const tool of allowedTools) {
    if (/^bash\(\s*(?:\*|:\*|\*:\*)\s*\)$/i.test(tool) || tool === "*") {
      yield finding("manifest.allowed-tools", "high", "medium", "every command is allowed beforehand", tool);
    }
  }
}

function finding(
  ruleId: string,
  severity: Severity,
  confidence: Confidence,
  why: string,
  found: string,
): Finding {
  return makeFinding({ ruleId, severity, confidence, file: FILE, view: "raw", found, why: [why] });
}
