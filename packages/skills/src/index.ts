export { parseSkillDocument, type SkillDocument, type SkillFrontmatter } from "./format/frontmatter.ts";
export { SkillError, type SkillErrorCode } from "./skill-error.ts";
export { SIGNATURE_FILE } from "./snapshot/entry-name.ts";
export type { EntryProblem, EntryProblemCode } from "./snapshot/entry-problem.ts";
export type { SkillLimits } from "./snapshot/skill-limits.ts";
export {
  type SkillEntry,
  SkillSnapshot,
  type SnapshotFile,
  type SnapshotOptions,
} from "./snapshot/skill-snapshot.ts";
