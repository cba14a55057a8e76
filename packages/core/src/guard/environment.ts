import { type Environment, isProduction } from "@symbiont/kit";
import { GuardError, type GuardProblem } from "./guard-error.ts";

/** What the environment says, beside the configuration file. */
export interface EnvironmentSettings {
  readonly production: boolean;
  /** Union of `SYMBIONT_TRUSTED_PROXIES` and `SYMBI_TRUSTED_PROXIES`; undefined when neither is set. */
  readonly trustedProxies?: readonly string[];
  /** `SYMBIONT_ESCALATION_TIMEOUT`, which is in seconds. */
  readonly approvalMs?: number;
  /** `SYMBIONT_API_TOKEN`, unless `SYMBIONT_REFUSE_LEGACY_API_TOKEN`. */
  readonly apiToken?: string;
  /** Names beginning with `SYMBIONT_` that are set and that a guard does not read. */
  readonly ignored: readonly string[];
}

const READ: ReadonlySet<string> = new Set([
  "SYMBIONT_CONFIG",
  "SYMBIONT_ENV",
  "SYMBIONT_MASTER_KEY",
  "SYMBIONT_MASTER_KEY_FILE",
  "SYMBIONT_TRUSTED_PROXIES",
  "SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS",
  "SYMBIONT_ESCALATION_TIMEOUT",
  "SYMBIONT_API_TOKEN",
  "SYMBIONT_REFUSE_LEGACY_API_TOKEN",
  "SYMBIONT_RATE_LIMIT_REJECT_OVERFLOW",
]);

/** Names that loosen or tighten Symbiont where a guard has no such switch. Passing over them would change what is safe. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  [
    "SYMBIONT_REQUIRE_APPROVAL_TOOLS",
    'unset it and write the rule down: require: approval("role") if … in a policy',
  ],
  ["SYMBIONT_ALLOW_EPHEMERAL_KEY", 'unset it; outside production write "ephemeral" as audit.key'],
  ["SYMBIONT_ALLOW_UNISOLATED", "unset it: nothing runs without isolation here in production"],
  ["SYMBIONT_SCHEMAPIN_ALLOW_INSECURE", "unset it: documents are fetched with https only"],
]);

const ONE_DAY_SECONDS = 86_400;

/**
 * Reads Symbiont's variables where they mean the same here.
 *
 * Differs from Symbiont: a value that is not understood is refused, where Symbiont warns and goes on.
 * @throws GuardError `GUARD_ENVIRONMENT_INVALID` with a problem for each variable. No value is shown.
 */
export function readEnvironment(env: Environment): EnvironmentSettings {
  const problems: GuardProblem[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!GuardError.is(error)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const production = attempt(() => readProduction(env));
  attempt(() => readFlag(env, "SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS"));
  attempt(() => readFlag(env, "SYMBIONT_RATE_LIMIT_REJECT_OVERFLOW")); // always so here, whatever it says
  const refuseToken = attempt(() => readFlag(env, "SYMBIONT_REFUSE_LEGACY_API_TOKEN"));
  const approvalMs = attempt(() => readSeconds(env, "SYMBIONT_ESCALATION_TIMEOUT"));
  for (const [name, fix] of REFUSED) {
    if ((env[name] ?? "") !== "") problems.push({ path: name, found: "a value", fix });
  }
  if (problems.length > 0 || production === undefined) {
    throw new GuardError("GUARD_ENVIRONMENT_INVALID", "the environment cannot be used", { problems });
  }
  const proxies = [env["SYMBIONT_TRUSTED_PROXIES"], env["SYMBI_TRUSTED_PROXIES"]].flatMap((list = "") =>
    list
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
  );
  const token = env["SYMBIONT_API_TOKEN"] ?? "";
  return {
    production,
    ...(proxies.length > 0 && { trustedProxies: [...new Set(proxies)] }),
    ...(approvalMs !== undefined && { approvalMs }),
    ...(token !== "" && refuseToken !== true && { apiToken: token }),
    ignored: Object.keys(env)
      .filter((name) => name.startsWith("SYMBIONT_") && !READ.has(name) && !REFUSED.has(name))
      .sort(),
  };
}

/** Whether the environment says production. @throws GuardError `GUARD_ENVIRONMENT_INVALID` */
export function readProduction(env: Environment): boolean {
  try {
    return isProduction(env);
  } catch {
    throw invalid("SYMBIONT_ENV", "write development, staging, production or test");
  }
}

/** Whether a switch is on. @throws GuardError `GUARD_ENVIRONMENT_INVALID` for anything but 1, true, 0, false. */
export function readFlag(env: Environment, name: string): boolean {
  const value = (env[name] ?? "").trim().toLowerCase();
  if (value === "1" || value === "true") return true;
  if (value === "" || value === "0" || value === "false") return false;
  throw invalid(name, "write 1 or true, 0 or false");
}

function readSeconds(env: Environment, name: string): number | undefined {
  const value = (env[name] ?? "").trim();
  if (value === "") return undefined;
  const seconds = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (seconds < 1 || seconds > ONE_DAY_SECONDS) throw invalid(name, "write seconds, from 1 to 86400");
  return seconds * 1000;
}

function invalid(path: string, fix: string): GuardError {
  const problems = [{ path, found: "a value that is not known", fix }];
  return new GuardError("GUARD_ENVIRONMENT_INVALID", "the environment cannot be used", { problems });
}
