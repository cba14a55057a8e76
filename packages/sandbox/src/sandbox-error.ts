import { SymbiontError } from "@symbiont/kit";

/** Why a sandbox could not be had. What the guest does is never one of these: it is a result. */
export type SandboxErrorCode =
  | "SANDBOX_INVALID_ARGUMENT"
  | "SANDBOX_UNSUPPORTED_POLICY"
  | "SANDBOX_TIER_UNAVAILABLE"
  | "SANDBOX_PRODUCTION_BLOCKED"
  | "SANDBOX_ENGINE_TIMED_OUT"
  | "SANDBOX_ENGINE_FAILED"
  | "SANDBOX_IMAGE_MISSING"
  | "SANDBOX_MACHINE_FAILED"
  | "SANDBOX_SPAWN_FAILED"
  | "SANDBOX_CLEANUP_FAILED"
  | "SANDBOX_FILE_REFUSED"
  | "SANDBOX_CAPACITY"
  | "SANDBOX_CLOSED";

/** Error of `@symbiont/sandbox`. Messages never hold code, arguments, environment values or output. */
export class SandboxError extends SymbiontError<SandboxErrorCode> {}

/** @throws SandboxError `SANDBOX_INVALID_ARGUMENT`, always. */
export function invalid(what: string): never {
  throw new SandboxError("SANDBOX_INVALID_ARGUMENT", what);
}
