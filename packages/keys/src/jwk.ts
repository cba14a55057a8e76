import { decodeBase64Url } from "@symbiont/kit";
import { ALGORITHM_NAMES, ALGORITHMS, type Algorithm, SECRET_LENGTH } from "./algorithm.ts";
import { KeysError } from "./error.ts";

/** Required members of a public JWK. @see RFC 7518 section 6.2.1, RFC 8037 section 2 */
export type PublicJwk =
  | { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string }
  | { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string };

/** Required members of a private JWK. */
export type PrivateJwk = PublicJwk & { readonly d: string };

/** A JWK taken apart: own data members only, each read once. */
export interface JwkParts {
  readonly algorithm: Algorithm;
  /** Raw public key; not yet checked to be a point of the curve. */
  readonly raw: Uint8Array;
  /** The member `d`; present exactly when a private key was asked for. */
  readonly secret?: Uint8Array;
}

/** Private members of any key type (RFC 7518 section 6): none may stand in a published key. */
const PRIVATE_MEMBERS = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];
const ENCODED_LENGTH = 43;

/**
 * Takes a JWK apart. Unknown members are ignored, except that nothing private may stand in a public key;
 * `use`, `key_ops`, `alg` and `kid` are optional, and must fit a signature key when they are there.
 * @throws KeysError `KEY_INVALID_JWK`, `KEY_UNSUPPORTED_ALGORITHM`, `KEY_USE_MISMATCH`, `KEY_PRIVATE_MATERIAL`
 */
export function readJwk(jwk: unknown, operation: "verify" | "sign", requireUse: boolean): JwkParts {
  if (typeof jwk !== "object" || jwk === null) throw invalid("JWK is not an object");
  if (operation === "verify" && PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) {
    throw new KeysError("KEY_PRIVATE_MATERIAL", "public JWK has a private member");
  }
  const algorithm = readAlgorithm(ownMember(jwk, "kty"), ownMember(jwk, "crv"));
  checkUse(jwk, algorithm, operation, requireUse);
  const x = readBytes(jwk, "x");
  const secret = operation === "sign" ? { secret: readBytes(jwk, "d") } : {};
  if (algorithm === "Ed25519") {
    if (Object.hasOwn(jwk, "y")) throw invalid("OKP JWK has a member y");
    return { algorithm, raw: x, ...secret };
  }
  const raw = new Uint8Array(ALGORITHMS.ES256.rawLength);
  raw[0] = 4;
  raw.set(x, 1);
  raw.set(readBytes(jwk, "y"), 1 + SECRET_LENGTH);
  return { algorithm, raw, ...secret };
}

function readAlgorithm(kty: unknown, crv: unknown): Algorithm {
  if (typeof kty !== "string") throw invalid("JWK member kty is not a string");
  if (typeof crv !== "string" && (kty === "EC" || kty === "OKP")) {
    throw invalid("JWK member crv is not a string");
  }
  for (const name of ALGORITHM_NAMES) {
    if (ALGORITHMS[name].kty === kty && ALGORITHMS[name].crv === crv) return name;
  }
  throw new KeysError("KEY_UNSUPPORTED_ALGORITHM", "JWK is neither P-256 nor Ed25519");
}

/** @see RFC 7517 sections 4.2 to 4.5 */
function checkUse(jwk: object, algorithm: Algorithm, operation: string, requireUse: boolean): void {
  const kid = ownMember(jwk, "kid");
  if (kid !== undefined && typeof kid !== "string") throw invalid("JWK member kid is not a string");
  const use = ownMember(jwk, "use");
  if (requireUse && use === undefined) throw invalid("JWK has no member use");
  if (use !== undefined && use !== "sig") {
    throw new KeysError("KEY_USE_MISMATCH", 'JWK member use is not "sig"');
  }
  const alg = ownMember(jwk, "alg");
  if (alg !== undefined && !ALGORITHMS[algorithm].joseNames.includes(alg as string)) {
    throw new KeysError("KEY_USE_MISMATCH", "JWK member alg does not fit the key");
  }
  const operations = ownMember(jwk, "key_ops");
  if (operations !== undefined) checkOperations(operations, operation);
}

/** A signature key lists no other operations: RFC 7517 section 4.3 warns of keys with several purposes. */
function checkOperations(operations: unknown, operation: string): void {
  if (!Array.isArray(operations) || operations.length > 2 || new Set(operations).size !== operations.length) {
    throw new KeysError("KEY_USE_MISMATCH", "JWK member key_ops is not a set of signature operations");
  }
  const known = operations.every((item) => item === "sign" || item === "verify");
  if (!known || !operations.includes(operation)) {
    throw new KeysError("KEY_USE_MISMATCH", `JWK member key_ops does not allow just ${operation}`);
  }
}

function readBytes(jwk: object, name: "x" | "y" | "d"): Uint8Array {
  const text = ownMember(jwk, name);
  if (typeof text !== "string" || text.length !== ENCODED_LENGTH) {
    throw invalid(`JWK member ${name} is not ${SECRET_LENGTH} bytes of base64url`);
  }
  try {
    return decodeBase64Url(text);
  } catch (cause) {
    throw new KeysError("KEY_INVALID_JWK", `JWK member ${name} is not strict base64url`, { cause });
  }
}

/** Inherited members do not count: a polluted prototype must not complete a key. */
function ownMember(jwk: object, name: string): unknown {
  return Object.hasOwn(jwk, name) ? (jwk as Record<string, unknown>)[name] : undefined;
}

function invalid(message: string): KeysError {
  return new KeysError("KEY_INVALID_JWK", message);
}
