import { decodeHex } from "@symbiont/kit";
import { ALGORITHM_NAMES, ALGORITHMS } from "./algorithm.ts";
import { hasAt, startsWith } from "./byte-string.ts";
import { KeysError } from "./error.ts";

const COMPRESSED_SPKI_HEADER = decodeHex("3039301306072a8648ce3d020106082a8648ce3d030107032200");
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;

/**
 * Says why DER that matches no accepted form was refused. This only picks the error code: it is never used
 * to accept anything, so it looks at a few octets instead of parsing.
 */
export function explainForeignDer(der: Uint8Array, expected: "public" | "private"): KeysError {
  if (startsWith(der, COMPRESSED_SPKI_HEADER)) {
    return new KeysError("KEY_UNSUPPORTED_ENCODING", "compressed points are not read");
  }
  const content = contentOffset(der);
  const isVersioned = content > 0 && der[content] === INTEGER && der[content + 1] === 1;
  if (isVersioned && expected === "public") {
    return new KeysError("KEY_PRIVATE_MATERIAL", "DER holds a private key");
  }
  if (isVersioned && der[content + 3] === OCTET_STRING) {
    return new KeysError("KEY_UNSUPPORTED_ENCODING", "private key is SEC1, not PKCS#8");
  }
  const identifier = isVersioned ? content + 3 : content;
  const isNamed = content > 0 && der[identifier] === SEQUENCE && der[identifier + 2] === OBJECT_IDENTIFIER;
  if (isNamed && !ALGORITHM_NAMES.some((name) => hasAt(der, ALGORITHMS[name].identifier, identifier))) {
    return new KeysError("KEY_UNSUPPORTED_ALGORITHM", "key is neither P-256 nor Ed25519");
  }
  return new KeysError("KEY_INVALID_DER", `DER is not an accepted form of a ${expected} key`);
}

/** Where the content of the outer SEQUENCE begins, 0 when there is none. */
function contentOffset(der: Uint8Array): number {
  if (der[0] !== SEQUENCE) return 0;
  const length = der[1] ?? 0;
  if (length < 0x80) return 2;
  return length <= 0x82 ? 2 + (length & 0x7f) : 0;
}
