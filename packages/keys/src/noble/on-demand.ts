import { KeysError } from "../error.ts";
import type { Curves } from "./curves.ts";
import type { nobleHmac as bundledHmac, nobleSha256 as bundledSha256 } from "./hashes.ts";

type Hmac = ReturnType<typeof bundledHmac>;
type Sha256 = ReturnType<typeof bundledSha256>;

// Node takes this file in place of `curves.ts` and `hashes.ts`: reading noble costs as much as half a start of Node, and many
// programs never see a key. Bundlers and other runtimes take those two, so that noble is in the bundle. The condition in
// package.json is `node-addons`, as Node itself sets that and a bundler for Node, which sets `node`, does not.

let read: Curves | undefined;

/** Noble's curves, read at the first call. @throws KeysError `KEY_ENGINE_UNAVAILABLE` */
export function curves(): Curves {
  read ??= {
    ...(requireNoble("@noble/curves/nist.js") as Pick<Curves, "p256">),
    ...(requireNoble("@noble/curves/ed25519.js") as Pick<Curves, "ed25519">),
    ...(requireNoble("@noble/curves/utils.js") as Pick<Curves, "bytesToNumberLE">),
    ...(requireNoble("@noble/hashes/sha2.js") as Pick<Curves, "sha512">),
  };
  return read;
}

/** Noble's HMAC; where there is `node:crypto`, never. @throws KeysError `KEY_ENGINE_UNAVAILABLE` */
export function nobleHmac(): Hmac {
  return (requireNoble("@noble/hashes/hmac.js") as { readonly hmac: Hmac }).hmac;
}

/** Noble's SHA-256; where there is `node:crypto`, never. @throws KeysError `KEY_ENGINE_UNAVAILABLE` */
export function nobleSha256(): Sha256 {
  return (requireNoble("@noble/hashes/sha2.js") as { readonly sha256: Sha256 }).sha256;
}

/**
 * Reads a module at once, which only Node can.
 * @throws KeysError `KEY_ENGINE_UNAVAILABLE` when the host hides its modules, or noble is not installed.
 */
function requireNoble(specifier: string): unknown {
  try {
    const { createRequire } = process.getBuiltinModule("node:module");
    return createRequire(import.meta.url)(specifier) as unknown;
  } catch (cause) {
    throw new KeysError("KEY_ENGINE_UNAVAILABLE", `${specifier} cannot be read here`, { cause });
  }
}
