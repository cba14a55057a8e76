import { SandboxError } from "../../sandbox-error.ts";
import { machineFailed } from "../microvm/machine-failed.ts";

/** What a status of the daemon means for a command. Nothing that it says besides is repeated: it may be the guest's. */
export function callRefusal(status: number): SandboxError {
  if (status === 429)
    return new SandboxError("SANDBOX_CAPACITY", "the machine takes no more for now", { retryable: true });
  return machineFailed(`the machine refused a call: ${status}`);
}

/** What it means for a file. */
export function fileRefusal(status: number): SandboxError {
  if (status === 404) return refused("is not there");
  if (status === 400) return refused("is no plain file");
  if (status === 413 || status === 507) return refused("does not fit");
  return callRefusal(status);
}

function refused(why: string): SandboxError {
  return new SandboxError("SANDBOX_FILE_REFUSED", `file of the workspace ${why}`);
}
