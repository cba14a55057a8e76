import {
  type Algorithm,
  generateKeyPair,
  type KeysError,
  type KeysErrorCode,
  type PrivateKey,
  type PublicKey,
  sign,
  verify,
  verifyMany,
} from "@symbiont/keys";
import { expectTypeOf, test } from "vitest";

test("the codes are a closed union", () => {
  expectTypeOf<KeysError["code"]>().toEqualTypeOf<KeysErrorCode>();
  expectTypeOf<KeysErrorCode>().toEqualTypeOf<
    | "KEY_INVALID_PEM"
    | "KEY_INVALID_DER"
    | "KEY_INVALID_JWK"
    | "KEY_INVALID_RAW"
    | "KEY_UNSUPPORTED_ALGORITHM"
    | "KEY_UNSUPPORTED_ENCODING"
    | "KEY_ALGORITHM_MISMATCH"
    | "KEY_USE_MISMATCH"
    | "KEY_POINT_INVALID"
    | "KEY_SCALAR_INVALID"
    | "KEY_PRIVATE_MATERIAL"
    | "KEY_MISMATCH"
    | "KEY_SIGNATURE_MALFORMED"
    | "KEY_TEXT_INVALID"
    | "KEY_ENGINE_UNAVAILABLE"
    | "KEY_ENGINE_FAILED"
  >();
});

test("a lookalike is not a key", () => {
  expectTypeOf<{ algorithm: Algorithm; thumbprint: string; fingerprint: string }>().not.toExtend<PublicKey>();
  expectTypeOf<{ algorithm: Algorithm; publicKey: PublicKey }>().not.toExtend<PrivateKey>();
  expectTypeOf<PrivateKey>().not.toExtend<PublicKey>();
});

test("both engines are synchronous, only the bulk form is not", () => {
  const { privateKey, publicKey } = generateKeyPair("ES256");
  expectTypeOf(sign(privateKey, "text")).toEqualTypeOf<Uint8Array>();
  expectTypeOf(verify(publicKey, new Uint8Array(), "text")).toEqualTypeOf<boolean>();
  expectTypeOf(verifyMany([])).toEqualTypeOf<Promise<boolean[]>>();
});
