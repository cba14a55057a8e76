import { WebhookError } from "../webhook-error.ts";

/** The runtime's own crypto module. */
export type RuntimeCrypto = typeof import("node:crypto");

let found: RuntimeCrypto | "none" | undefined;

/**
 * The runtime's crypto module, or undefined where there is none. Looked up at the first call, without an
 * import: the package must also load where every `node:` import is refused.
 */
export function runtimeCrypto(): RuntimeCrypto | undefined {
  found ??= lookUp() ?? "none";
  return found === "none" ? undefined : found;
}

/**
 * Web Cryptography, for what only it offers outside Node: SHA-1, SHA-512 and RSA.
 * @throws WebhookError `WEBHOOK_RUNTIME_UNSUPPORTED`.
 */
export function webCrypto(): SubtleCrypto {
  const { subtle } = (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto ?? {};
  if (subtle === undefined)
    throw new WebhookError(
      "WEBHOOK_RUNTIME_UNSUPPORTED",
      "this runtime offers no cryptography for the scheme",
    );
  return subtle;
}

/** The part of Web Cryptography that is used. */
export type SubtleCrypto = import("node:crypto").webcrypto.SubtleCrypto;

function lookUp(): RuntimeCrypto | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } };
  const module = host.process?.getBuiltinModule?.("node:crypto") as Partial<RuntimeCrypto> | undefined;
  const needed = [module?.createHmac, module?.createSecretKey, module?.createPublicKey, module?.verify];
  return needed.every((item) => typeof item === "function") ? module : undefined;
}
