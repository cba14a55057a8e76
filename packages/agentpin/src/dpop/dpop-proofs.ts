import { importPublicKeyJwk, type PublicKey, sha256, verify } from "@symbiont/keys";
import { encodeBase64Url, type JsonObject, type ReplayStore } from "@symbiont/kit";
import { readJwsObject, readJwsSignature, splitCompactJws } from "../credential/compact-jws.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { seconds } from "../verify/verification-rules.ts";
import type { HolderProofs, ProofCase } from "./holder-proofs.ts";
import { proofTarget } from "./proof-target.ts";

/** What comes with a request: the `DPoP` header, and what the server knows of the request itself. */
export interface DpopPresentation {
  readonly jwt: string;
  readonly method: string;
  /** The public address that was asked for; never built from what the request says of its host. */
  readonly url: string;
}

/** Makes and judges nonces that a server gives to its clients. */
export interface ServerNonces {
  /** @param now seconds since the epoch. */
  isGood(nonce: string, now: number): boolean;
}

/** Options of {@link DpopProofs}. */
export interface DpopProofsOptions {
  /** Remembers proofs: each is good for one request. */
  readonly replay: ReplayStore;
  /** Default `if-bound`: only credentials that are bound to a key need a proof. `require`: all must be bound. */
  readonly mode?: "if-bound" | "require";
  /** How far a proof's time may be off, 1 to 300 seconds. Default 60. */
  readonly maxAgeSeconds?: number;
  /** Proofs must carry one of these nonces: for clients whose clocks are wrong, and against proofs made in advance. */
  readonly nonces?: ServerNonces;
}

const MAX_JTI_LENGTH = 128;

/** Checks proofs that a credential's holder has its key. @see RFC 9449 section 4.3 */
export class DpopProofs implements HolderProofs {
  readonly #options: DpopProofsOptions;
  readonly #maxAgeSeconds: number;

  /** @throws TypeError or RangeError naming the option. */
  constructor(options: DpopProofsOptions) {
    if (typeof options.replay?.putIfAbsent !== "function")
      throw new TypeError("replay must be a replay store");
    if (!["if-bound", "require", undefined].includes(options.mode))
      throw new TypeError('mode must be "if-bound" or "require"');
    this.#maxAgeSeconds = seconds("maxAgeSeconds", options.maxAgeSeconds, 60, 1, 300);
    this.#options = Object.freeze({ ...options });
  }

  async check({ jkt, credential, proof, now }: ProofCase): Promise<Refusal | undefined> {
    if (jkt === undefined) return this.#options.mode === "require" ? refused("unbound") : undefined;
    const request = presentationOf(proof);
    if (request === undefined) return refused("missing");
    const parsed = parseProof(request.jwt);
    if (parsed === undefined) return refused("malformed");
    const { key, claims, signature, signingInput } = parsed;
    if (key.thumbprint !== jkt) return refused("key");
    if (!verify(key, signature, signingInput, { format: "raw" })) return refused("signature");
    return this.#judge(claims, request, jkt, credential, now);
  }

  async #judge(
    { jti, htm, htu, iat, ath, nonce }: JsonObject,
    { method, url }: DpopPresentation,
    jkt: string,
    credential: string,
    now: number,
  ): Promise<Refusal | undefined> {
    const { nonces, replay } = this.#options;
    if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_LENGTH) return refused("jti");
    if (htm !== method) return refused("method");
    if (typeof htu !== "string" || !sameTarget(htu, url)) return refused("url");
    if (ath !== encodeBase64Url(sha256(credential))) return refused("credential");
    if (typeof iat !== "number" || !(Math.abs(now - iat) <= this.#maxAgeSeconds)) return refused("time");
    if (nonces !== undefined && !(typeof nonce === "string" && nonces.isGood(nonce, now)))
      return refused("nonce");
    try {
      const isNew = await replay.putIfAbsent(`dpop|${jkt}|${jti}`, 2 * this.#maxAgeSeconds * 1000);
      return isNew === true ? undefined : refused("replayed");
    } catch {
      return refused("replay_store_failed", true);
    }
  }
}

interface ParsedProof {
  readonly key: PublicKey;
  readonly claims: JsonObject;
  readonly signature: Uint8Array;
  readonly signingInput: string;
}

function parseProof(jwt: string): ParsedProof | undefined {
  const parts = splitCompactJws(jwt);
  if (parts === undefined) return undefined;
  const header = readJwsObject(parts.header);
  const claims = readJwsObject(parts.payload);
  const signature = readJwsSignature(parts.signature);
  if (typeof header === "string" || typeof claims === "string" || signature === undefined) return undefined;
  if (header["typ"] !== "dpop+jwt" || header["alg"] !== "ES256" || Object.hasOwn(header, "crit"))
    return undefined;
  try {
    const key = importPublicKeyJwk(header["jwk"], { algorithm: "ES256" });
    return { key, claims, signature, signingInput: parts.signingInput };
  } catch {
    return undefined;
  }
}

function presentationOf(proof: unknown): DpopPresentation | undefined {
  if (typeof proof !== "object" || proof === null) return undefined;
  const { jwt, method, url } = proof as Readonly<Record<string, unknown>>;
  if (typeof jwt !== "string" || typeof method !== "string" || typeof url !== "string") return undefined;
  return { jwt, method, url };
}

function sameTarget(claimed: string, url: string): boolean {
  try {
    return proofTarget(claimed) === proofTarget(url);
  } catch {
    return false;
  }
}

/** The protocol has no code for a holder that proves nothing; it is a signature that is not there. */
function refused(reason: string, retryable = false): Refusal {
  return refuse(12, "SIGNATURE_INVALID", `proof_${reason}`, retryable);
}
