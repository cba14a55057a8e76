import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

// Read with the package: bundlers see them, and a runtime that is not Node has no other way. One function for each, so that a
// bundle holds only those that are used.

/** Noble's HMAC. */
export function nobleHmac(): typeof hmac {
  return hmac;
}

/** Noble's SHA-256. */
export function nobleSha256(): typeof sha256 {
  return sha256;
}
