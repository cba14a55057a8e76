import type { SchemaPinErrorCode } from "@symbiont/schemapin";
import type { SkillFrontmatter } from "../format/frontmatter.ts";
import type { ScanReport } from "../scanner/scan-report.ts";
import type { VerifiedSkillSignature } from "../signature/verify-skill.ts";
import type { SkillErrorCode } from "../skill-error.ts";
import type { SkillSnapshot } from "../snapshot/skill-snapshot.ts";

declare const issuedByLoader: unique symbol;

/** Why a skill was rejected, or what is to be known about one that was not. */
export interface SkillReason {
  readonly code: SkillErrorCode | SchemaPinErrorCode;
  readonly reason: string;
}

/** What a loaded skill holds. */
export interface LoadedSkillFacts {
  readonly id: string;
  readonly name: string;
  /** Shown to the model. */
  readonly description: string;
  /** What stands behind the frontmatter; shown to the model. */
  readonly body: string;
  readonly frontmatter: SkillFrontmatter;
  /** All files, as they were hashed and scanned. */
  readonly snapshot: SkillSnapshot;
  /** Absent for a skill that is not signed. */
  readonly signature?: VerifiedSkillSignature;
  readonly scan: ScanReport;
  readonly warnings: readonly SkillReason[];
}

/** A skill that may be used. */
export interface LoadedSkill extends LoadedSkillFacts {
  readonly status: "loaded";
  readonly [issuedByLoader]: true;
}

/** A skill that may not be used. It has no content. */
export interface RejectedSkill {
  readonly status: "rejected";
  readonly id: string;
  readonly reasons: readonly SkillReason[];
  /** Absent when it could not even be read. */
  readonly scan?: ScanReport;
}

const issued = new WeakSet<object>();

/** Makes a loaded skill. Only admission does. */
export function issue(facts: LoadedSkillFacts): LoadedSkill {
  const skill = Object.freeze({ ...facts, status: "loaded", warnings: Object.freeze([...facts.warnings]) });
  issued.add(skill);
  return skill as unknown as LoadedSkill;
}

/** Whether something is a skill that was admitted, and not something that looks like one. */
export function isLoadedSkill(value: unknown): value is LoadedSkill {
  return typeof value === "object" && value !== null && issued.has(value);
}

/** A body without HTML comments, which no reader of the page sees. */
export function withoutComments(body: string): string {
  let text = "";
  for (let at = 0; ; ) {
    const start = body.indexOf("<!--", at);
    if (start === -1) return text + body.slice(at);
    text += body.slice(at, start);
    const end = body.indexOf("-->", start + 4);
    // One that does not end hides the rest.
    if (end === -1) return text;
    at = end + 3;
  }
}
