// Node's modules that a call needs, and an import of this package does not: reading them costs as much as all of our own.

let crypto: typeof import("node:crypto") | undefined;
let zlib: typeof import("node:zlib") | undefined;

/** `node:crypto`, read at the first call. */
export function nodeCrypto(): typeof import("node:crypto") {
  crypto ??= process.getBuiltinModule("node:crypto");
  return crypto;
}

/** `node:zlib`, read at the first call. */
export function nodeZlib(): typeof import("node:zlib") {
  zlib ??= process.getBuiltinModule("node:zlib");
  return zlib;
}
