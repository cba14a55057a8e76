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

function lookUp(): RuntimeCrypto | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } };
  const module = host.process?.getBuiltinModule?.("node:crypto") as Partial<RuntimeCrypto> | undefined;
  const needed = [
    module?.sign,
    module?.verify,
    module?.createHash,
    module?.createHmac,
    module?.createECDH,
    module?.createPublicKey,
    module?.createPrivateKey,
  ];
  return needed.every((item) => typeof item === "function") ? module : undefined;
}
