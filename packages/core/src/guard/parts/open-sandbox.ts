import type { AuditSink, Environment } from "@symbiont/kit";
import type { Sandbox, Tier } from "@symbiont/sandbox";
import type { SecretStore } from "@symbiont/secrets";
import type { SandboxConfig } from "../guard-config.ts";
import { GuardError } from "../guard-error.ts";
import type { Part } from "../parts.ts";
import { hostedKey } from "./hosted-key.ts";

/** What a sandbox is opened with. */
export interface SandboxContext {
  readonly at: (path: string) => string;
  readonly audit: AuditSink;
  /** Where a key is looked for; not the environment of the process when the guard was given another. */
  readonly env: Environment;
  readonly secrets: SecretStore | undefined;
}

/** Opens the sandbox. @throws GuardError `GUARD_START_FAILED` when the tier does not work here: there is no weaker one instead. */
export async function openSandbox(config: SandboxConfig, context: SandboxContext): Promise<Part<Sandbox>> {
  const { tier = "namespace", limits = {}, network: allow = [] } = config;
  const { DEFAULT_LIMITS, Sandbox } = await import("@symbiont/sandbox");
  const unknown = Object.keys(limits).filter((name) => !Object.hasOwn(DEFAULT_LIMITS, name));
  if (unknown.length > 0) {
    const fix = `there is no such limit; there are ${Object.keys(DEFAULT_LIMITS).join(", ")}`;
    const problems = unknown.map((name) => ({ path: `sandbox.limits.${name}`, found: "a number", fix }));
    throw new GuardError("GUARD_CONFIG_INVALID", "the configuration cannot be used", { problems });
  }
  const chosen: ClosableTier = await tierOf(config, context);
  try {
    const { available, problems, advice } = await chosen.probe();
    if (!available) {
      const said = [...problems, ...advice].join("; ");
      throw new GuardError("GUARD_START_FAILED", `the sandbox tier ${tier} does not work here: ${said}`);
    }
    const { audit } = context;
    const network = allow.length > 0 ? { network: { allow, audit } } : {};
    const sandbox = new Sandbox({ tier: chosen, limits, ...network });
    const close = async (): Promise<void> => {
      await sandbox.close();
      await chosen.close?.();
    };
    return { port: sandbox, close };
  } catch (error) {
    await chosen.close?.();
    throw error;
  }
}

/** One that keeps sandboxes, or waits for machines to be gone, is closed. */
type ClosableTier = Tier & { close?(): Promise<void> };

/** What a tier needs beside its name was checked with the configuration. */
async function tierOf(config: SandboxConfig, context: SandboxContext): Promise<ClosableTier> {
  const {
    tier,
    image = "",
    rootfs,
    engineSocket,
    networkRuntime,
    allowedExecutables = [],
    warm = 0,
  } = config;
  const { kernel = "", initrd = "", template = "", endpoint } = config;
  const { at } = context;
  const { dockerTier, gvisorTier, namespaceTier, nativeTier, qemuTier } = await import("@symbiont/sandbox");
  const engine = { image, warm, ...(engineSocket !== undefined && { socketPath: at(engineSocket) }) };
  switch (tier) {
    case "native":
      return nativeTier({ acknowledgeNoIsolation: true, allowedExecutables });
    case "docker":
      return dockerTier(engine);
    case "gvisor":
      if (rootfs !== undefined) return gvisorTier({ rootfs: at(rootfs), warm });
      return gvisorTier({ ...engine, ...(networkRuntime !== undefined && { networkRuntime }) });
    case "qemu":
      return qemuTier({ kernelPath: at(kernel), initrdPath: at(initrd), warm });
    case "e2b": {
      const { e2bTier } = await import("@symbiont/sandbox/e2b");
      const apiKey = await hostedKey(config.apiKey, context);
      return e2bTier({ apiKey, template, ...(endpoint !== undefined && { endpoint }) });
    }
    default:
      return namespaceTier({ warm });
  }
}
