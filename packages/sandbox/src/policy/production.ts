import { type Environment, isProduction, processEnvironment } from "@symbiont/kit";
import { SandboxError } from "../sandbox-error.ts";

/**
 * Refuses what must not be in production. An environment of a name that nobody knows counts as production, because the
 * name was meant to say something.
 *
 * @throws SandboxError `SANDBOX_PRODUCTION_BLOCKED`; there is no way around it.
 */
export function refuseInProduction(environment: Environment | undefined = processEnvironment()): void {
  if (!mayBeProduction(environment)) return;
  throw new SandboxError(
    "SANDBOX_PRODUCTION_BLOCKED",
    "tier native isolates nothing and is refused in production; SYMBIONT_ENV or NODE_ENV says production",
  );
}

function mayBeProduction(environment: Environment | undefined): boolean {
  try {
    return isProduction(environment);
  } catch {
    return true;
  }
}
