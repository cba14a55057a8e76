import { SandboxError } from "../../sandbox-error.ts";

/** A machine that did not begin, broke off or does not keep to the protocol. The next one may. */
export function machineFailed(what: string, cause?: unknown): SandboxError {
  return new SandboxError("SANDBOX_MACHINE_FAILED", what, { retryable: true, cause });
}
