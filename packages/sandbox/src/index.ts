export { doctor } from "./doctor.ts";
export { extractTar } from "./files/extract-tar.ts";
export { type RejectedEntry, readTar, type TarBounds, type TarSink } from "./files/read-tar.ts";
export { writeTar } from "./files/write-tar.ts";
export type { NetworkDenial } from "./network/egress-denied.ts";
export type { NetworkPolicy, ResolvedNetwork } from "./network/network-policy.ts";
export { DEFAULT_LIMITS, type SandboxLimits } from "./policy/limits.ts";
export type { UidRange } from "./process/uid-range.ts";
export type { CapturedOutput } from "./run/captured-output.ts";
export type { GuestExit, GuestProcess, GuestRemains } from "./run/guest-process.ts";
export type { Enforcer, RunResult, RunStatus } from "./run/run-result.ts";
export type { OutputEvent } from "./run/supervise.ts";
export { type CodeOptions, type RunOptions, Sandbox, type SandboxOptions } from "./sandbox.ts";
export { SandboxError, type SandboxErrorCode } from "./sandbox-error.ts";
export {
  SandboxSession,
  type SessionOptions,
  type SessionRunOptions,
  sandboxTier,
} from "./session/sandbox-session.ts";
export { type DockerTierOptions, dockerTier } from "./tiers/docker/docker-tier.ts";
export { type FirecrackerTierOptions, firecrackerTier } from "./tiers/firecracker/firecracker-tier.ts";
export type { GvisorBundleOptions } from "./tiers/gvisor/bundle-tier.ts";
export { type GvisorEngineOptions, gvisorTier } from "./tiers/gvisor/gvisor-tier.ts";
export { type NamespaceTierOptions, namespaceTier } from "./tiers/namespace/namespace-tier.ts";
export { type NativeTierOptions, nativeTier } from "./tiers/native/native-tier.ts";
export { type QemuTierOptions, qemuTier } from "./tiers/qemu/qemu-tier.ts";
export type {
  Enforcement,
  GuestCommand,
  Isolation,
  Knob,
  Tier,
  TierName,
  TierReport,
  WarmTier,
  Workspace,
} from "./tiers/tier.ts";
