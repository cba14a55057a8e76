import { derToRaw, type PrivateKey, type PublicKey, rawToDer, sign, verify } from "@symbiont/keys";
import { type Clock, encodeBase64Url, encodeUtf8, type JsonObject } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { asciiBytes } from "../credential/ascii-bytes.ts";
import type { CredentialSignatureFormat } from "../credential/verify-signature.ts";
import type { DiscoveryDocument } from "../documents/discovery-document.ts";
import { thumbprintHex } from "../documents/document-key.ts";
import { type CredentialRequest, credentialClaims } from "./credential-request.ts";
import { encodePart, headerPart } from "./sign-credential.ts";

/** Signs with a key that is elsewhere, for example in a hardware module. */
export interface RemoteSigner {
  readonly publicKey: PublicKey;
  /** Gives the ES256 signature of these bytes, as 64 bytes or in DER. */
  sign(input: Uint8Array): Promise<Uint8Array>;
}

/** What an issuer signs with and by. */
export interface CredentialIssuerOptions<Key extends PrivateKey | RemoteSigner> {
  readonly key: Key;
  /** The id that the key is published under. */
  readonly kid: string;
  /** The issuer's document, as it is published: nothing is signed that it does not allow. */
  readonly discovery: DiscoveryDocument;
  /** Default `der`, which is what other implementations read; `jws` is what RFC 7518 says. */
  readonly format?: CredentialSignatureFormat;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** Issues credentials that every strict verifier accepts, or refuses to. */
export class CredentialIssuer<Key extends PrivateKey | RemoteSigner = PrivateKey> {
  readonly #options: CredentialIssuerOptions<Key>;
  readonly #header: string;

  /** @throws AgentPinError `AGENTPIN_ISSUE_REFUSED` when the key is not the one published under its id, or has expired. */
  constructor(options: CredentialIssuerOptions<Key>) {
    this.#options = Object.freeze({ ...options });
    this.#header = headerPart(options.kid);
    const published = options.discovery.keys.get(options.kid);
    if (published?.thumbprint === undefined || published.thumbprint !== thumbprintHex(options.key.publicKey))
      throw new AgentPinError("AGENTPIN_ISSUE_REFUSED", "the key is not published under this id", {
        reason: "key_unpublished",
      });
  }

  /**
   * Issues a credential.
   * @throws AgentPinError `AGENTPIN_ISSUE_REFUSED` with the reason a verifier would have.
   */
  issue(this: CredentialIssuer, request: CredentialRequest): string {
    const { key, format } = this.#options;
    const input = this.#input(request);
    // Half of all verifiers of other makes insist on the lower half of s.
    const signature = sign(key, asciiBytes(input), { format: format === "jws" ? "raw" : "der", lowS: true });
    return `${input}.${encodeBase64Url(signature)}`;
  }

  /**
   * Issues a credential with a key that is elsewhere. What comes back is verified before it is given out.
   * @throws AgentPinError `AGENTPIN_ISSUE_REFUSED`, also when the signature is not the key's; what the signer throws.
   */
  async issueRemotely(this: CredentialIssuer<RemoteSigner>, request: CredentialRequest): Promise<string> {
    const { key, format } = this.#options;
    const input = this.#input(request);
    const signature = await key.sign(encodeUtf8(input));
    const raw = signature.length === RAW_LENGTH && verify(key.publicKey, signature, input, { format: "raw" });
    if (!raw && !verify(key.publicKey, signature, input, { format: "der" }))
      throw new AgentPinError("AGENTPIN_ISSUE_REFUSED", "the signature does not hold", {
        reason: "signature",
      });
    return `${input}.${encodeBase64Url(inFormat(signature, raw, format ?? "der"))}`;
  }

  #input(request: CredentialRequest): string {
    const { kid, discovery, clock = Date } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const expiresAt = discovery.keys.get(kid)?.expiresAt ?? Number.POSITIVE_INFINITY;
    const claims = credentialClaims(request, discovery, now);
    if (claims.exp > expiresAt)
      throw new AgentPinError("AGENTPIN_ISSUE_REFUSED", "the key expires before the credential", {
        reason: "key_expired",
      });
    return `${this.#header}.${encodePart(claims as unknown as JsonObject)}`;
  }
}

const RAW_LENGTH = 64;

function inFormat(signature: Uint8Array, isRaw: boolean, format: CredentialSignatureFormat): Uint8Array {
  if (format === "der") return isRaw ? rawToDer(signature) : signature;
  return isRaw ? signature : derToRaw(signature);
}
