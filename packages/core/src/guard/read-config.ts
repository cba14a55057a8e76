import { excerpt } from "@symbiont/kit";
import type * as z from "zod/mini";
import { configSchema, STAGE_FIXES } from "./config-schema.ts";
import type { CheckedConfig, SandboxConfig, SecretsConfig, StageMember } from "./guard-config.ts";
import { GuardError, type GuardProblem } from "./guard-error.ts";
import type { ConfigFor, GuardOptions } from "./guard-options.ts";

type Issue = z.core.$ZodIssue;

const MAX_PROBLEMS = 100;
const PLAIN_NAME = /^[\w$-]{1,64}$/;

/**
 * Checks a configuration and finds everything that is wrong with it.
 *
 * @param options what of `identity`, `tools`, `policy` and `audit` is among their `stages` may be missing.
 * @throws GuardError `GUARD_CONFIG_INVALID` with a problem for each; values are named by their kind and never shown.
 */
export function readConfig<const Options extends GuardOptions = GuardOptions>(
  config: unknown,
  options?: Options,
): ConfigFor<Options> {
  const result = configSchema.safeParse(config);
  const read = result.data;
  const found =
    read === undefined
      ? (result.error?.issues ?? []).flatMap((one) => problemsOf(one, config))
      : crossChecks(read);
  const problems = [...missingStages(config, options), ...found];
  if (read === undefined || problems.length > 0) {
    const shown = problems.slice(0, MAX_PROBLEMS);
    throw new GuardError("GUARD_CONFIG_INVALID", "the configuration cannot be used", { problems: shown });
  }
  const { $schema: _, ...settings } = read;
  // What is missing is made up for by a stage.
  return settings as ConfigFor<Options>;
}

/** The members that are not there, and neither is the stage in their place. */
function missingStages(config: unknown, { stages = {} }: GuardOptions = {}): GuardProblem[] {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return [];
  return (Object.keys(STAGE_FIXES) as StageMember[])
    .filter((member) => !Object.hasOwn(config, member) && stages[member] === undefined)
    .map((member) => ({ path: member, found: "nothing", fix: STAGE_FIXES[member] }));
}

/** What a tier needs beside its name. */
function sandboxChecks(sandbox: SandboxConfig = {}, secrets: SecretsConfig | undefined): GuardProblem[] {
  const problems: GuardProblem[] = [];
  const missing = (member: string, fix: string): void =>
    void problems.push({ path: `sandbox.${member}`, found: "nothing", fix });
  const { tier, image, rootfs, kernel, initrd, template, apiKey, warm = 0 } = sandbox;
  if (tier === "docker" && image === undefined) missing("image", "name an image that the engine has");
  if (tier === "gvisor" && (image === undefined) === (rootfs === undefined)) {
    const found = image === undefined ? "nothing" : "a text";
    problems.push({ path: "sandbox.image", found, fix: 'write exactly one of "image", "rootfs"' });
  }
  if (tier === "qemu" && kernel === undefined) missing("kernel", "write the path of a kernel");
  if (tier === "qemu" && initrd === undefined) missing("initrd", "write the path of the image of a machine");
  if (tier === "e2b" && template === undefined) missing("template", "name a template of the service");
  if (apiKey?.secret !== undefined && secrets === undefined) {
    const fix = 'add "secrets": the key is one of them';
    problems.push({ path: "sandbox.apiKey.secret", found: "a text", fix });
  }
  if (warm > 0 && (tier === "native" || tier === "e2b"))
    problems.push({
      path: "sandbox.warm",
      found: "a number",
      fix: "remove it: this tier keeps nothing ready",
    });
  return problems;
}

/** What one member says about another. */
function crossChecks({ modelLog, sandbox, secrets, tools }: CheckedConfig): GuardProblem[] {
  const problems: GuardProblem[] = [];
  if (modelLog !== undefined && secrets === undefined) {
    problems.push({
      path: "modelLog",
      found: "an object",
      fix: 'add "secrets": the log\'s key is one of them',
    });
  }
  problems.push(...sandboxChecks(sandbox, secrets));
  const { own = [], servers = {} } = tools ?? {};
  for (const id of own) {
    if (!Object.hasOwn(servers, id)) continue;
    const fix = "give the server another id: this one is of the program's own tools";
    problems.push({ path: `tools.servers.${shown(id)}`, found: "an object", fix });
  }
  for (const [id, { discovery, revocation, lock, signatures }] of Object.entries(servers)) {
    const path = `tools.servers.${shown(id)}`;
    if (revocation !== undefined && discovery === undefined) {
      problems.push({ path: `${path}.revocation`, found: "a path", fix: 'add "discovery", or remove it' });
    }
    if (lock !== undefined && (discovery ?? signatures) !== undefined) {
      problems.push({ path: `${path}.lock`, found: "a path", fix: "remove it, or what is about signatures" });
    }
  }
  return problems;
}

function problemsOf(issue: Issue, config: unknown): GuardProblem[] {
  if (issue.code === "invalid_union") {
    // The arm that was meant is the one that got further than "this is no object".
    const meant = issue.errors.find((issues) =>
      issues.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"),
    );
    if (meant !== undefined)
      return meant.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, config));
  }
  const value = issue.path.reduce<unknown>(memberOf, config);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key]),
      found: kindOf(memberOf(value, key)),
      fix: "there is no such member; remove it or correct its name",
    }));
  }
  return [{ path: pathOf(issue.path), found: kindOf(value), fix: issue.message }];
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<PropertyKey, unknown>)[key];
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "the configuration" : path.map((key) => shown(String(key))).join(".");
}

function shown(name: string): string {
  return PLAIN_NAME.test(name) ? name : excerpt(name, 64);
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return value === "" ? "an empty text" : "a text";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
