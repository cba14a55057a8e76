import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";

/** What the package uses of noble's curves. */
export interface Curves {
  readonly p256: typeof p256;
  readonly ed25519: typeof ed25519;
  readonly sha512: typeof sha512;
  readonly bytesToNumberLE: typeof bytesToNumberLE;
}

const loaded: Curves = { p256, ed25519, sha512, bytesToNumberLE };

/** Noble's curves, read with the package: bundlers see them, and a runtime that is not Node has no other way. */
export function curves(): Curves {
  return loaded;
}
