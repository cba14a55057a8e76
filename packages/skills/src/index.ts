export { parseSkillDocument, type SkillDocument, type SkillFrontmatter } from "./format/frontmatter.ts";
export { type AdmitSkillOptions, admitSkill } from "./loader/admit-skill.ts";
export type { ApprovedScan } from "./loader/approval.ts";
export { skillFiles } from "./loader/skill-files.ts";
export {
  isLoadedSkill,
  type LoadedSkill,
  type LoadedSkillFacts,
  type RejectedSkill,
  type SkillReason,
  withoutComments,
} from "./loader/skill-load.ts";
export type { RemoteFile, RemoteSkill } from "./mcp/skill-entry.ts";
export {
  type McpRequest,
  type RemoteSkills,
  SKILLS_EXTENSION,
  SkillsClient,
  type SkillsClientOptions,
} from "./mcp/skills-client.ts";
export type { CustomRule } from "./scanner/custom-rule.ts";
export type { Finding, Verdict } from "./scanner/finding.ts";
export { BUILT_IN_RULES, RULESET_VERSION } from "./scanner/rules/built-in-rules.ts";
export { LEGACY_RULES } from "./scanner/rules/legacy-rules.ts";
export type { RulesetOptions } from "./scanner/ruleset.ts";
export { type SarifOptions, toSarif } from "./scanner/sarif.ts";
export type { View } from "./scanner/scan-line.ts";
export type { Disposition, ScanReport } from "./scanner/scan-report.ts";
export type { Confidence, Place, PlaceConfidence, ScanRule, Severity } from "./scanner/scan-rule.ts";
export { SkillScanner, type SkillScannerOptions } from "./scanner/skill-scanner.ts";
export type { Suppression } from "./scanner/suppression.ts";
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
