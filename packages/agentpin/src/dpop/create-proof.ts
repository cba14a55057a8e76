import { type PrivateKey, sha256, sign } from "@symbiont/keys";
import { encodeBase64Url, encodeUtf8 } from "@symbiont/kit";
import { proofTarget } from "./proof-target.ts";

/** What a holder proves. */
export interface ProofRequest {
  /** ES256 key that the credential is bound to. */
  readonly key: PrivateKey;
  readonly method: string;
  /** Of the request; query and fragment are left out. */
  readonly url: string;
  readonly credential: string;
  /** What the server asked for. Default none. */
  readonly nonce?: string;
  /** Seconds since the epoch. Default now. */
  readonly now?: number;
}

/** Proves for one request that its sender holds the key of a credential. @see RFC 9449 section 4.2 */
export function createProof({ key, method, url, credential, nonce, now }: ProofRequest): string {
  if (key.algorithm !== "ES256") throw new TypeError("key must be an ES256 key");
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: key.publicKey.toJwk() };
  const payload = {
    jti: globalThis.crypto.randomUUID(),
    htm: method,
    htu: proofTarget(url),
    iat: Math.floor(now ?? Date.now() / 1000),
    ath: encodeBase64Url(sha256(credential)),
    ...(nonce === undefined ? {} : { nonce }),
  };
  const input = [header, payload].map((part) => encodeBase64Url(encodeUtf8(JSON.stringify(part)))).join(".");
  return `${input}.${encodeBase64Url(sign(key, input, { format: "raw", lowS: true }))}`;
}
