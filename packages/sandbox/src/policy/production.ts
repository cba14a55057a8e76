import { SandboxError } from "../sandbox-error.ts";

const DEVELOPMENT: ReadonlySet<string> = new Set(["", "development", "dev", "local"]);
const OTHER: ReadonlySet<string> = new Set(["staging", "stage", "preview", "test", "ci"]);

/**
 * Whether native runs are refused here. Either variable is enough for production; a value that nobody knows counts as
 * production, because it was meant to say something.
 */
export function isProduction(environment: NodeJS.ProcessEnv = process.env): boolean {
  const named = (environment["SYMBIONT_ENV"] ?? "").trim().toLowerCase();
  const isKnown = DEVELOPMENT.has(named) || OTHER.has(named);
  return !isKnown || environment["NODE_ENV"] === "production";
}

/** @throws SandboxError `SANDBOX_PRODUCTION_BLOCKED`; there is no way around it. */
export function refuseInProduction(environment: NodeJS.ProcessEnv = process.env): void {
  if (!isProduction(environment)) return;
  throw new SandboxError(
    "SANDBOX_PRODUCTION_BLOCKED",
    "tier native isolates nothing and is refused in production; SYMBIONT_ENV or NODE_ENV says production",
  );
}
