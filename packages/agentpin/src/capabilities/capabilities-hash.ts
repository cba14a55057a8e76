import { sha256Hex } from "@symbiont/keys";
import { compareCodePoints } from "@symbiont/kit";

const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * Gives the hash of a set of capabilities as delegations attest it: hexadecimal SHA-256 of the JSON list, sorted by
 * UTF-8 bytes, without spaces; duplicates are kept.
 *
 * @throws RangeError for anything but printable ASCII, which implementations write and sort differently.
 */
export function capabilitiesHash(capabilities: readonly string[]): string {
  if (!capabilities.every((text) => PRINTABLE.test(text)))
    throw new RangeError("capabilities must be printable ASCII");
  return sha256Hex(JSON.stringify([...capabilities].sort(compareCodePoints)));
}
