/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const NAMES: readonly unknown[] = ["development", "staging", "production", "test"];

/** The environment of the process; undefined on runtimes that have none to ask. */
export function processEnvironment(): Environment | undefined {
  return (globalThis as { process?: { env?: Environment } }).process?.env;
}

/**
 * Whether `SYMBIONT_ENV` or `NODE_ENV` says production. Where there is no environment to ask it is production.
 * @throws RangeError when `SYMBIONT_ENV` is none of development, staging, production and test.
 */
export function isProduction(env: Environment | undefined): boolean {
  if (env === undefined) return true;
  const symbiont = env["SYMBIONT_ENV"];
  if (symbiont !== undefined && symbiont !== "" && !NAMES.includes(symbiont)) {
    throw new RangeError("SYMBIONT_ENV must be development, staging, production or test");
  }
  return symbiont === "production" || env["NODE_ENV"] === "production";
}
