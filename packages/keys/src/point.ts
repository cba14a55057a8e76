import { curves } from "#noble-curves";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";
import { KeysError } from "./error.ts";

/**
 * Checks a raw public key the same way on every engine.
 *
 * P-256: uncompressed, coordinates below p, on the curve (SP 800-56A section 5.6.2.3.4; the cofactor is 1).
 * Ed25519: decodes as RFC 8032 section 5.1.3 demands, with y below p, and is not of small order. OpenSSL
 * checks none of that for Ed25519, and under a small-order key one signature fits many messages.
 *
 * @throws KeysError `KEY_INVALID_RAW`, `KEY_UNSUPPORTED_ENCODING`, `KEY_POINT_INVALID`
 */
export function checkPoint(algorithm: Algorithm, raw: Uint8Array): void {
  if (algorithm === "ES256" && isOtherPointForm(raw)) {
    throw new KeysError("KEY_UNSUPPORTED_ENCODING", "compressed and hybrid points are not read");
  }
  const { rawLength } = ALGORITHMS[algorithm];
  if (raw.length !== rawLength) {
    throw new KeysError("KEY_INVALID_RAW", `raw ${algorithm} public key must be ${rawLength} bytes`);
  }
  const { ed25519, p256 } = curves();
  try {
    if (algorithm === "ES256") p256.Point.fromBytes(raw).assertValidity();
    else if (ed25519.Point.fromBytes(raw, false).isSmallOrder()) throw new Error("point is of small order");
  } catch (cause) {
    throw new KeysError("KEY_POINT_INVALID", `raw key is not a valid ${algorithm} public key`, { cause });
  }
}

/** SEC 1 section 2.3.3: 02 and 03 mark compressed points, 06 and 07 hybrid ones (X9.62). */
function isOtherPointForm(raw: Uint8Array): boolean {
  const form = raw[0] ?? 0;
  return (raw.length === 33 && (form | 1) === 3) || (raw.length === 65 && (form | 1) === 7);
}
