import { resolve } from "node:path";
import {
  createGuard,
  type EnvironmentConfig,
  GuardError,
  type Relaxation,
  readEnvironmentConfig,
} from "@symbiont/core/guard";
import { type Environment, isProduction, SymbiontError } from "@symbiont/kit";
import { examineJournal } from "./examine-journal.ts";
import { examineMachine } from "./examine-machine.ts";
import type { Finding } from "./finding.ts";

/** Looks at this machine, the environment and a configuration. Opens everything for a moment, as a start would. */
export async function examine(file: string, env: Environment): Promise<readonly Finding[]> {
  const findings: Finding[] = [...(await examineMachine(env))];
  const read = await readConfig(file, env);
  findings.push(...read.findings);
  if (read.config === undefined) return findings;
  const { config, directory, ignored, relaxed } = read.config;
  for (const name of ignored) {
    findings.push({ mark: "warn", about: "environment", says: `${name} is set, and nothing reads it` });
  }
  findings.push(
    ...(await examineJournal(config.audit, directory)),
    ...(await start(config, directory, env)),
    ...relaxed.map((relaxation) => judge(relaxation, env)),
  );
  return findings;
}

/** What is less strict than the default is bad where production refuses it and this is production. */
function judge({ path, effect, refusedInProduction, fix }: Relaxation, env: Environment): Finding {
  const says = `${path}: ${effect}${refusedInProduction ? "; production refuses to start" : ""}`;
  const mark = refusedInProduction && isProduction(env) ? "bad" : "warn";
  return { mark, about: "relaxed", says, ...(mark === "bad" && fix !== undefined && { fix }) };
}

async function readConfig(
  file: string,
  env: Environment,
): Promise<{ readonly config?: EnvironmentConfig; readonly findings: readonly Finding[] }> {
  try {
    const config = await readEnvironmentConfig({ ...env, SYMBIONT_CONFIG: resolve(file) });
    return { config, findings: [{ mark: "ok", about: "config", says: `${file} is sound` }] };
  } catch (error) {
    if (!GuardError.is(error)) throw error;
    if (error.problems.length > 0) {
      return {
        findings: error.problems.map(({ path, found, fix }) => ({
          mark: "bad",
          about: "config",
          says: `${path}: ${found}`,
          fix,
        })),
      };
    }
    const { code } = (error.cause ?? {}) as { readonly code?: unknown };
    const says = code === "ENOENT" ? `${file} is not there` : `${file}: ${error.message}`;
    return { findings: [{ mark: "bad", about: "config", says, fix: "symbiont init writes one" }] };
  }
}

/** What a start comes to here. What production refuses of the configuration is told apart, see {@link judge}. */
async function start(
  config: EnvironmentConfig["config"],
  directory: string,
  env: Environment,
): Promise<readonly Finding[]> {
  try {
    // A doctor leaves no trace: the start is tried with a journal that is not kept, and the journal looked at apart.
    const guard = await createGuard(config, {
      directory,
      env,
      stages: { audit: { append: async () => ({ sequence: 0 }) } },
    });
    try {
      const { parts } = await guard.health();
      return parts.map(({ part, ok, code }) => ({
        mark: ok ? "ok" : "bad",
        about: part,
        says: ok ? "works" : (code ?? "does not work"),
      }));
    } finally {
      await guard.close();
    }
  } catch (error) {
    if (!SymbiontError.is(error)) throw error;
    if (error.code === "GUARD_PRODUCTION_REFUSED") return [];
    const problems = GuardError.is(error) ? error.problems : [];
    if (problems.length === 0) return [{ mark: "bad", about: "start", says: error.message }];
    return problems.map(({ path, found, fix }) => ({
      mark: "bad",
      about: "start",
      says: `${path}: ${found}`,
      fix,
    }));
  }
}
