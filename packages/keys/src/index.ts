export type { Algorithm } from "./algorithm.ts";
export type { EngineName, SignatureFormat } from "./engine.ts";
export { availableEngines } from "./engine-choice.ts";
export { KeysError, type KeysErrorCode } from "./error.ts";
export { exportPrivateKeyJwk, exportPrivateKeyPem, exportPrivateKeyPkcs8 } from "./export-private-key.ts";
export { generateKeyPair, type KeyPair } from "./generate-key-pair.ts";
export { HmacKey, hmacSha256 } from "./hmac.ts";
export {
  importPrivateKeyJwk,
  importPrivateKeyPem,
  importPrivateKeyPkcs8,
  importPrivateKeyRaw,
} from "./import-private-key.ts";
export {
  type ImportJwkOptions,
  type ImportKeyOptions,
  importPublicKeyJwk,
  importPublicKeyPem,
  importPublicKeyRaw,
  importPublicKeySpki,
} from "./import-public-key.ts";
export type { PrivateJwk, PublicJwk } from "./jwk.ts";
export type { Message } from "./message.ts";
export type { PrivateKey } from "./private-key.ts";
export type { PublicKey } from "./public-key.ts";
export { sha256, sha256Hex } from "./sha256.ts";
export { type SignOptions, sign } from "./sign.ts";
export { derToRaw, rawToDer } from "./signature-encoding.ts";
export { type VerifyOptions, verify } from "./verify.ts";
export { type SignatureCheck, type VerifyManyOptions, verifyMany } from "./verify-many.ts";
