export { concatBytes, decodeUtf8, encodeUtf8, isWellFormed } from "./bytes.ts";
export { type CanonicalJsonOptions, canonicalJson, quoteJsonString, sortNames } from "./canonical-json.ts";
export { constantTimeEqual } from "./constant-time.ts";
export {
  decodeBase64,
  decodeBase64Url,
  decodeBase64UrlText,
  decodeHex,
  encodeBase64,
  encodeBase64Url,
  encodeBase64UrlText,
  encodeHex,
} from "./encoding.ts";
export { type Environment, isProduction, processEnvironment } from "./environment.ts";
export { KitError, type KitErrorCode, SymbiontError, type SymbiontErrorOptions } from "./error.ts";
export { excerpt } from "./excerpt.ts";
export { deepFreeze, frozenCopy } from "./freeze.ts";
export { compareCodePoints, type JsonForm, SCHEMAPIN_V1, writeJsonTree } from "./json-tree.ts";
export {
  JsonNumber,
  type JsonObject,
  type JsonTree,
  type JsonTreeObject,
  type JsonValue,
} from "./json-value.ts";
export { MemoryReplayStore, type MemoryReplayStoreOptions } from "./memory-replay-store.ts";
export { type ParseJsonOptions, parseJson, parseJsonTree } from "./parse-json.ts";
export type {
  AdmittedTool,
  Approval,
  ApprovalRequest,
  Approver,
  ArgumentCheck,
  ArgumentChecker,
  AuditReceipt,
  AuditRecord,
  AuditSink,
  Clock,
  Decision,
  DecisionPoint,
  DecisionRequest,
  IdentityVerifier,
  Principal,
  RateDecision,
  RateGate,
  Redactor,
  ReplayStore,
  SandboxOutcome,
  SandboxProbe,
  SandboxSession,
  SandboxTier,
  SecretHandle,
  SecretSource,
  ToolAdmission,
  ToolDefinition,
  ToolFinding,
  ToolVerifier,
} from "./ports.ts";
export { parseRfc3339 } from "./rfc3339.ts";
