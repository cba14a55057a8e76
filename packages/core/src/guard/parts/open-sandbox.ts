import type { AuditSink } from "@symbiont/kit";
import type { Sandbox, Tier } from "@symbiont/sandbox";
import type { SandboxConfig } from "../guard-config.ts";
import { GuardError } from "../guard-error.ts";
import type { Part } from "../parts.ts";

/** Opens the sandbox. @throws GuardError `GUARD_START_FAILED` when the tier does not work here: there is no weaker one instead. */
export async function openSandbox(
  config: SandboxConfig,
  { at, audit }: { readonly at: (path: string) => string; readonly audit: AuditSink },
): Promise<Part<Sandbox>> {
  const { tier = "namespace", limits = {}, network: allow = [] } = config;
  const sandboxes = await import("@symbiont/sandbox");
  const { DEFAULT_LIMITS, Sandbox } = sandboxes;
  const unknown = Object.keys(limits).filter((name) => !Object.hasOwn(DEFAULT_LIMITS, name));
  if (unknown.length > 0) {
    const fix = `there is no such limit; there are ${Object.keys(DEFAULT_LIMITS).join(", ")}`;
    const problems = unknown.map((name) => ({ path: `sandbox.limits.${name}`, found: "a number", fix }));
    throw new GuardError("GUARD_CONFIG_INVALID", "the configuration cannot be used", { problems });
  }
  const chosen = tierOf(config, at, sandboxes);
  const { available, problems, advice } = await chosen.probe();
  if (!available) {
    const said = [...problems, ...advice].join("; ");
    throw new GuardError("GUARD_START_FAILED", `the sandbox tier ${tier} does not work here: ${said}`);
  }
  const sandbox = new Sandbox({
    tier: chosen,
    limits,
    ...(allow.length > 0 && { network: { allow, audit } }),
  });
  return { port: sandbox, close: async () => sandbox.close() };
}

/** What a tier needs beside its name was checked with the configuration. */
function tierOf(
  { tier, image = "", rootfs, engineSocket, allowedExecutables = [] }: SandboxConfig,
  at: (path: string) => string,
  sandboxes: typeof import("@symbiont/sandbox"),
): Tier {
  const { dockerTier, gvisorTier, namespaceTier, nativeTier } = sandboxes;
  const engine = { image, ...(engineSocket !== undefined && { socketPath: at(engineSocket) }) };
  switch (tier) {
    case "native":
      return nativeTier({ acknowledgeNoIsolation: true, allowedExecutables });
    case "docker":
      return dockerTier(engine);
    case "gvisor":
      return rootfs === undefined ? gvisorTier(engine) : gvisorTier({ rootfs: at(rootfs) });
    default:
      return namespaceTier();
  }
}
