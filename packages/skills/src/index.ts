export { parseSkillDocument, type SkillDocument, type SkillFrontmatter } from "./format/frontmatter.ts";
export type { CheckedAttestation } from "./signature/check-attestation.ts";
export { type SignSkillOptions, signSkill } from "./signature/sign-skill.ts";
export { parseSignatureFile, type SignatureFile } from "./signature/signature-file.ts";
export {
  compareManifests,
  type ManifestDifference,
  type V1Manifest,
  v1Manifest,
} from "./signature/v1-manifest.ts";
export {
  type VerifiedSkillSignature,
  type VerifySkillOptions,
  verifySkill,
} from "./signature/verify-skill.ts";
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
