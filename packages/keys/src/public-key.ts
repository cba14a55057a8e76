import { concatBytes, encodeBase64Url } from "@symbiont/kit";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";
import type { PublicJwk } from "./jwk.ts";
import { encodePem } from "./pem.ts";
import { checkPoint } from "./point.ts";
import { sha256, sha256Hex } from "./sha256.ts";

/**
 * A valid public key. Immutable; get one from the `importPublicKey…` functions.
 * Compare keys by `thumbprint` or `fingerprint`, never by object identity.
 */
export class PublicKey {
  readonly algorithm: Algorithm;
  /** RFC 7638 thumbprint with SHA-256, base64url. */
  readonly thumbprint: string;
  /** `sha256:` and the lower-case hex SHA-256 of the SubjectPublicKeyInfo DER. */
  readonly fingerprint: string;
  readonly #raw: Uint8Array;

  /**
   * @internal The constructor checks the key itself, so that no way of reaching it yields an unchecked one.
   * @throws KeysError as {@link checkPoint}
   */
  constructor(algorithm: Algorithm, raw: Uint8Array) {
    const own = new Uint8Array(raw); // not slice(), which in a Buffer shares the memory
    checkPoint(algorithm, own);
    this.algorithm = algorithm;
    this.#raw = own;
    this.thumbprint = encodeBase64Url(sha256(thumbprintInput(this.toJwk())));
    this.fingerprint = `sha256:${sha256Hex(this.spki())}`;
    Object.freeze(this);
  }

  /** Raw form, copied: `04 || x || y` (65 bytes) for ES256, 32 bytes for Ed25519. */
  raw(): Uint8Array {
    return new Uint8Array(this.#raw);
  }

  /** SubjectPublicKeyInfo DER: 91 bytes for ES256, 44 for Ed25519. */
  spki(): Uint8Array {
    return concatBytes(ALGORITHMS[this.algorithm].spkiHeader, this.#raw);
  }

  /** The required JWK members and nothing else; spread it to add `kid` or `use`. */
  toJwk(): PublicJwk {
    const raw = this.#raw;
    if (this.algorithm === "Ed25519") return { kty: "OKP", crv: "Ed25519", x: encodeBase64Url(raw) };
    const x = encodeBase64Url(raw.subarray(1, 33));
    return { kty: "EC", crv: "P-256", x, y: encodeBase64Url(raw.subarray(33)) };
  }

  /** PEM of the SubjectPublicKeyInfo, label `PUBLIC KEY`, LF line ends, one at the end. */
  toPem(): string {
    return encodePem("PUBLIC KEY", this.spki());
  }
}

/** @see RFC 7638 section 3.2: required members, in code-point order, no white space. */
function thumbprintInput(jwk: PublicJwk): string {
  return jwk.kty === "EC"
    ? `{"crv":"${jwk.crv}","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`
    : `{"crv":"${jwk.crv}","kty":"OKP","x":"${jwk.x}"}`;
}
