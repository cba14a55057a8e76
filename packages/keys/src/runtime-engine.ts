import type { KeyObject } from "node:crypto";
import { concatBytes, decodeBase64Url, encodeBase64Url } from "@symbiont/kit";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";
import type { Engine, SignatureFormat, SigningKey } from "./engine.ts";
import { KeysError } from "./error.ts";
import type { PublicKey } from "./public-key.ts";
import { type RuntimeCrypto, runtimeCrypto } from "./runtime-crypto.ts";

/** A key as the runtime takes it, once per signature encoding, so that a call builds nothing. */
type Handle = Readonly<Record<SignatureFormat, { key: KeyObject; dsaEncoding: "der" | "ieee-p1363" }>>;

const handles = new WeakMap<PublicKey | SigningKey, Handle>();

/** The runtime's engine. Parsing a key costs more than using it, so each key is handed over only once. */
export const runtimeEngine: Engine = {
  name: "runtime",
  publicKeyOf(algorithm, secret) {
    const crypto = present();
    if (algorithm === "Ed25519") return publicEd25519(crypto, secret);
    const ecdh = crypto.createECDH("prime256v1");
    ecdh.setPrivateKey(secret);
    return new Uint8Array(ecdh.getPublicKey());
  },
  sign(key, secret, data, format) {
    const crypto = present();
    const handle = handles.get(key) ?? privateHandle(crypto, key, secret);
    return new Uint8Array(crypto.sign(digestOf(key.algorithm), data, handle[format]));
  },
  verify(key, signature, data, format) {
    const crypto = present();
    return crypto.verify(digestOf(key.algorithm), data, publicHandle(crypto, key)[format], signature);
  },
  verifyPooled(key, signature, data, format) {
    const crypto = present();
    const handle = publicHandle(crypto, key)[format];
    return new Promise((resolve, reject) => {
      crypto.verify(digestOf(key.algorithm), data, handle, signature, (error, valid) => {
        if (error === null) resolve(valid);
        else reject(error);
      });
    });
  },
};

function publicHandle(crypto: RuntimeCrypto, key: PublicKey): Handle {
  return (
    handles.get(key) ?? remember(key, crypto.createPublicKey({ key: { ...key.toJwk() }, format: "jwk" }))
  );
}

/** Ed25519 hashes inside; naming a digest would be an error. */
function digestOf(algorithm: Algorithm): "sha256" | null {
  return algorithm === "ES256" ? "sha256" : null;
}

/** JWK, because the runtime reads PKCS#8 several times slower. */
function privateHandle(crypto: RuntimeCrypto, key: SigningKey, secret: Uint8Array): Handle {
  const jwk = { ...key.publicKey.toJwk(), d: encodeBase64Url(secret) };
  return remember(key, crypto.createPrivateKey({ key: jwk, format: "jwk" }));
}

function remember(key: PublicKey | SigningKey, object: KeyObject): Handle {
  const handle: Handle = {
    der: { key: object, dsaEncoding: "der" },
    raw: { key: object, dsaEncoding: "ieee-p1363" },
  };
  handles.set(key, handle);
  return handle;
}

function publicEd25519(crypto: RuntimeCrypto, seed: Uint8Array): Uint8Array {
  const { header } = ALGORITHMS.Ed25519.pkcs8Forms[0];
  const der = concatBytes(header, seed);
  const secret = crypto.createPrivateKey({ key: der as Buffer, format: "der", type: "pkcs8" });
  der.fill(0);
  return decodeBase64Url(crypto.createPublicKey(secret).export({ format: "jwk" }).x as string);
}

function present(): RuntimeCrypto {
  const crypto = runtimeCrypto();
  if (crypto === undefined)
    throw new KeysError("KEY_ENGINE_UNAVAILABLE", "this runtime has no crypto module");
  return crypto;
}
