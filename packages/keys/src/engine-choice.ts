import type { Engine, EngineName } from "./engine.ts";
import { KeysError } from "./error.ts";
import { nobleEngine } from "./noble-engine.ts";
import { runtimeCrypto } from "./runtime-crypto.ts";
import { runtimeEngine } from "./runtime-engine.ts";

/** The engines that work here, the preferred one first. */
export function availableEngines(): readonly EngineName[] {
  return runtimeCrypto() === undefined ? ["noble"] : ["runtime", "noble"];
}

/** The runtime's engine where there is one. */
export function defaultEngine(): Engine {
  return runtimeCrypto() === undefined ? nobleEngine : runtimeEngine;
}

/**
 * The engine of this name, or the default one.
 * @throws KeysError `KEY_ENGINE_UNAVAILABLE` rather than quietly taking the other.
 */
export function engineNamed(name: EngineName | undefined): Engine {
  switch (name) {
    case undefined:
      return defaultEngine();
    case "noble":
      return nobleEngine;
    case "runtime":
      if (runtimeCrypto() !== undefined) return runtimeEngine;
      throw new KeysError("KEY_ENGINE_UNAVAILABLE", "this runtime has no crypto module");
    default:
      throw new TypeError('engine must be "runtime" or "noble"');
  }
}
