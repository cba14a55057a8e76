import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why a skill could not be read, signed or admitted; about keys and signatures see also `SchemaPinErrorCode`. */
export type SkillErrorCode =
  | "SKILL_FOLDER_INVALID"
  | "SKILL_UNREADABLE"
  | "SKILL_CHANGED"
  | "SKILL_TIMED_OUT"
  | "SKILL_UNSAFE_ENTRY"
  | "SKILL_NOT_PORTABLE"
  | "SKILL_FRONTMATTER_INVALID"
  | "SKILL_NAME_MISMATCH"
  | "SKILL_DOMAIN_MISSING"
  | "SKILL_VERSION_ROLLBACK"
  | "SKILL_SCAN_BLOCKED"
  | "SKILL_SCAN_REVIEW"
  | "SKILL_SCAN_INCOMPLETE"
  | "SKILL_RULE_INVALID"
  | "SKILL_SUPPRESSION_INVALID"
  | "SKILL_TARGET_EXISTS"
  | "SKILL_REMOTE_INVALID"
  | "SKILL_REMOTE_UNAVAILABLE";

/** Error of `@symbiont/skills`. Never holds content of a skill. */
export class SkillError extends SymbiontError<SkillErrorCode> {
  /** Paths within the skill that it is about, as excerpts; at most 16. */
  readonly paths: readonly string[];

  constructor(
    code: SkillErrorCode,
    message: string,
    options: SymbiontErrorOptions & { readonly paths?: readonly string[] } = {},
  ) {
    super(code, message, options);
    this.paths = (options.paths ?? []).slice(0, MAX_PATHS);
  }
}

const MAX_PATHS = 16;
