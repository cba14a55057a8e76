import { resolve } from "node:path";
import { sha256Hex } from "@symbiont/keys/sha256";
import { type AuditSink, canonicalJson, type Environment, processEnvironment } from "@symbiont/kit";
import { Gate } from "../gate.ts";
import { DEFAULT_TIMEOUTS, describeGuard, type GuardDescription } from "./describe-guard.ts";
import { readProduction } from "./environment.ts";
import { Guard } from "./guard.ts";
import type { CheckedConfig } from "./guard-config.ts";
import type { ConfigFor, GuardOptions } from "./guard-options.ts";
import { openAudit } from "./parts/open-audit.ts";
import { openIdentity } from "./parts/open-identity.ts";
import { openApprovals, openPolicy } from "./parts/open-policy.ts";
import { openRate } from "./parts/open-rate.ts";
import { openSandbox } from "./parts/open-sandbox.ts";
import { openModelLog, openSecrets } from "./parts/open-secrets.ts";
import { openTools } from "./parts/open-tools.ts";
import { PartList } from "./parts.ts";
import { refuseInProduction } from "./refuse-in-production.ts";
import { type Relaxation, relaxations } from "./relaxations.ts";
import { checkStores } from "./store-places.ts";

/**
 * Opens everything that guards an agent. The features, and the parser of the configuration, are loaded here and not when
 * this module is imported.
 *
 * @throws GuardError `GUARD_CONFIG_INVALID`, `GUARD_ENVIRONMENT_INVALID`, `GUARD_PRODUCTION_REFUSED` with every problem
 * at once; `GUARD_START_FAILED` with the cause. Whatever had been opened is closed again.
 */
export async function createGuard<const Options extends GuardOptions = GuardOptions>(
  config: ConfigFor<Options>,
  options?: Options,
): Promise<Guard> {
  const { readConfig } = await import("./read-config.ts");
  return openRead(readConfig(config, options), options);
}

/** Opens what a configuration says that was read with the same options. @throws GuardError as {@link createGuard} */
export async function openRead(read: CheckedConfig, options: GuardOptions = {}): Promise<Guard> {
  const { stages = {}, stores = {} } = options;
  checkStores(read, { stages, stores });
  const env = options.env ?? processEnvironment() ?? {};
  const production = readProduction(env);
  const relaxed = relaxations(read, { stages, env });
  if (production) refuseInProduction(relaxed);
  const list = new PartList();
  try {
    return await openGuard(read, { ...options, env, production, relaxed, list });
  } catch (error) {
    await list.close();
    throw error;
  }
}

interface Opening extends GuardOptions {
  readonly env: Environment;
  readonly production: boolean;
  readonly relaxed: readonly Relaxation[];
  readonly list: PartList;
}

async function openGuard(config: CheckedConfig, opening: Opening): Promise<Guard> {
  const {
    list,
    env,
    production,
    relaxed,
    stages = {},
    stores = {},
    clock = Date,
    directory = ".",
    apiToken,
  } = opening;
  const [{ createRedactor }, { createArgumentChecker }, { createClientAddress }] = await Promise.all([
    import("@symbiont/redact"),
    import("@symbiont/policy/arguments"),
    import("@symbiont/net"),
  ]);
  const at = (path: string): string => resolve(directory, path);
  const timeouts = { ...DEFAULT_TIMEOUTS, ...config.timeouts };
  const {
    trustedProxies = [],
    approvals: desk,
    sandbox: commands,
    secrets: file,
    modelLog: log,
    rate,
  } = config;
  const clientAddress = await list.open("clientAddress", () => ({
    port: createClientAddress(
      trustedProxies.length === 0 ? {} : { trustedProxies, header: "x-forwarded-for" },
    ),
  }));
  const own = createRedactor(config.redact ?? {});
  const redactor = stages.redactor ?? own;

  // The journal first: it is closed last, and what opens after it is on record.
  const audit =
    stages.audit ?? (await list.open("audit", () => openAudit(given(config.audit, "audit"), at, clock)));
  const description = describeGuard(config, {
    production,
    relaxed,
    stages,
    stores,
    redactText: (text) => own.redactText(text),
  });
  await recordStart(audit, description);
  const context = { at, audit, clock, env, apiToken, stores };
  const secrets = file && (await list.open("secrets", () => openSecrets(file, { at, audit, env })));
  const identity =
    stages.identity ??
    (await list.open("identity", () => openIdentity(given(config.identity, "identity"), context)));
  const tools =
    stages.tools ?? (await list.open("tools", () => openTools(given(config.tools, "tools"), context)));
  const policy =
    stages.policy ?? (await list.open("policy", () => openPolicy(given(config.policy, "policy"), at)));
  const approvals = desk && (await list.open("approvals", () => openApprovals(desk, context)));
  const approver = stages.approver ?? approvals;
  const limiter =
    stages.rate ??
    (rate === "unlimited" ? rate : await list.open("rate", () => openRate(rate ?? {}, stores.rate)));
  const sandbox =
    commands && (await list.open("sandbox", () => openSandbox(commands, { at, audit, env, secrets })));
  const modelLog =
    log &&
    secrets &&
    (await list.open("modelLog", () => openModelLog(log, { at, source: secrets, redactor, audit })));

  const gate = new Gate({
    identity,
    rate: limiter,
    tools,
    arguments: stages.arguments ?? createArgumentChecker(),
    policy,
    audit,
    ...(approver !== undefined && { approver }),
    redactor,
    stageTimeoutMs: timeouts.stageMs,
    approvalTimeoutMs: timeouts.approvalMs,
    clock,
  });
  return new Guard(
    { gate, audit, approvals, secrets, sandbox, modelLog, clientAddress },
    { list, description, drainMs: timeouts.drainMs },
  );
}

/** What the check of the configuration has made sure of. */
function given<Value>(member: Value | undefined, name: string): Value {
  if (member === undefined) throw new TypeError(`${name} is missing`);
  return member;
}

/** Puts on record what began to work, and what of it is less strict than the default. */
async function recordStart(
  audit: AuditSink,
  { production, config, relaxed, replaced, stores }: GuardDescription,
): Promise<void> {
  await audit.append({
    type: "guard.start",
    outcome: "info",
    actor: { kind: "system", id: "guard" },
    data: {
      production,
      config: `sha256:${sha256Hex(canonicalJson(config))}`,
      relaxed: relaxed.map(({ path }) => path),
      replaced: [...replaced],
      stores: { ...stores },
    },
  });
}
