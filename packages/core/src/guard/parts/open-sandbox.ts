import type { Sandbox } from "@symbiont/sandbox";
import type { SandboxConfig } from "../guard-config.ts";
import { GuardError } from "../guard-error.ts";
import type { Part } from "../parts.ts";

/** Opens the sandbox. @throws GuardError `GUARD_START_FAILED` when the tier does not work here: there is no weaker one instead. */
export async function openSandbox({
  tier = "namespace",
  limits = {},
  allowedExecutables = [],
}: SandboxConfig): Promise<Part<Sandbox>> {
  const { DEFAULT_LIMITS, namespaceTier, nativeTier, Sandbox } = await import("@symbiont/sandbox");
  const unknown = Object.keys(limits).filter((name) => !Object.hasOwn(DEFAULT_LIMITS, name));
  if (unknown.length > 0) {
    const fix = `there is no such limit; there are ${Object.keys(DEFAULT_LIMITS).join(", ")}`;
    const problems = unknown.map((name) => ({ path: `sandbox.limits.${name}`, found: "a number", fix }));
    throw new GuardError("GUARD_CONFIG_INVALID", "the configuration cannot be used", { problems });
  }
  const chosen =
    tier === "native" ? nativeTier({ acknowledgeNoIsolation: true, allowedExecutables }) : namespaceTier();
  const { available, problems, advice } = await chosen.probe();
  if (!available) {
    const said = [...problems, ...advice].join("; ");
    throw new GuardError("GUARD_START_FAILED", `the sandbox tier ${tier} does not work here: ${said}`);
  }
  const sandbox = new Sandbox({ tier: chosen, limits });
  return { port: sandbox, close: async () => sandbox.close() };
}
