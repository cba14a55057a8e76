/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a name of `SYMBIONT_ENV`, trimmed and in lower case, means production. */
const NAMES: ReadonlyMap<string, boolean> = new Map([
  ...["", "development", "dev", "local", "staging", "stage", "preview", "test", "ci"].map(
    (name) => [name, false] as const,
  ),
  ...["production", "prod"].map((name) => [name, true] as const),
]);

/** The environment of the process; undefined on runtimes that have none to ask. */
export function processEnvironment(): Environment | undefined {
  return (globalThis as { process?: { env?: Environment } }).process?.env;
}

/**
 * Whether `SYMBIONT_ENV` or `NODE_ENV` says production. `SYMBIONT_ENV` is read as Symbiont reads it: `development`
 * (`dev`, `local`, empty), `staging` (`stage`, `preview`), `production` (`prod`), `test` (`ci`), in any case. Where there
 * is no environment to ask it is production.
 * @throws RangeError when `SYMBIONT_ENV` is something else: a misspelt `production` must not pass for development.
 */
export function isProduction(env: Environment | undefined): boolean {
  if (env === undefined) return true;
  const symbiont = NAMES.get((env["SYMBIONT_ENV"] ?? "").trim().toLowerCase());
  if (symbiont === undefined) {
    throw new RangeError("SYMBIONT_ENV must be development, staging, production or test");
  }
  return symbiont || env["NODE_ENV"] === "production";
}
