export { createGuard } from "./create-guard.ts";
export {
  createGuardFromEnv,
  type EnvironmentConfig,
  readEnvironmentConfig,
} from "./create-guard-from-env.ts";
export type { GuardDescription } from "./describe-guard.ts";
export type { Guard, GuardHealth } from "./guard.ts";
export type {
  ApprovalsConfig,
  AuditConfig,
  CheckedConfig,
  GuardConfig,
  IdentityConfig,
  ModelLogConfig,
  PolicyConfig,
  RateConfig,
  RedactConfig,
  SandboxConfig,
  SecretsConfig,
  ServerConfig,
  StageMember,
  TimeoutsConfig,
  ToolsConfig,
} from "./guard-config.ts";
export { GuardError, type GuardErrorCode, type GuardProblem } from "./guard-error.ts";
export type { ConfigFor, GuardOptions, GuardStages } from "./guard-options.ts";
export type { GuardStores } from "./guard-stores.ts";
export type { PartHealth, PartName } from "./parts.ts";
export { DEFAULT_CONFIG_FILE } from "./read-document.ts";
export type { Relaxation } from "./relaxations.ts";
