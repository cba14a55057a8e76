import { excerpt } from "@symbiont/kit";
import { SandboxError } from "../../sandbox-error.ts";
import { machineFailed } from "../microvm/machine-failed.ts";

const MAX_REASON = 120;

/**
 * What a refusal of the control plane means here; undefined when it is none.
 *
 * @param apiKey is masked wherever the service repeats it.
 * @param missing what a 404 says is missing.
 */
export function serviceRefusal(
  { response, error }: { readonly response: Response; readonly error?: unknown },
  apiKey: string,
  missing: "template" | "machine" | "nothing",
): SandboxError | undefined {
  const { status } = response;
  if (status === 401 || status === 403)
    return new SandboxError("SANDBOX_TIER_UNAVAILABLE", "the service refuses the key");
  if (status === 404 && missing === "nothing") return undefined;
  if (status === 404 && missing === "machine") return machineFailed("the machine is gone");
  if (status === 404)
    return new SandboxError("SANDBOX_IMAGE_MISSING", "the service does not have the template");
  if (status === 429 || status === 503)
    return new SandboxError("SANDBOX_CAPACITY", "the service takes no more for now", { retryable: true });
  const said = (error as { readonly message?: unknown } | undefined)?.message;
  const reason =
    typeof said === "string" ? excerpt(said.replaceAll(apiKey, "[key]"), MAX_REASON) : "no reason given";
  return new SandboxError("SANDBOX_ENGINE_FAILED", `the service refused: ${status}: ${reason}`, {
    retryable: status >= 500,
  });
}

/** What it means when there is no answer. What was thrown does not become the cause: it may hold what was sent. */
export function serviceError(thrown: unknown): SandboxError {
  const { name, cause } = (thrown ?? {}) as {
    readonly name?: unknown;
    readonly cause?: { readonly code?: unknown };
  };
  if (name === "TimeoutError" || name === "AbortError")
    return new SandboxError("SANDBOX_ENGINE_TIMED_OUT", "the service does not answer", { retryable: true });
  const code =
    typeof cause?.code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(cause.code) ? cause.code : undefined;
  const what =
    code === undefined ? "the service's answer makes no sense" : `the service cannot be reached: ${code}`;
  return new SandboxError("SANDBOX_ENGINE_FAILED", what, { retryable: true });
}
