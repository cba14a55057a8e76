import { decodeBase64, encodeBase64, type JsonObject } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { KeyRequest, WrappedKey, WrappingKeyProvider } from "../../key-provider.ts";
import { failureOf } from "../../vault/internal/failure-of.ts";
import { errorTexts, objectIn, textIn } from "../../vault/internal/read-answer.ts";
import { checkedPath } from "../../vault/internal/vault-path.ts";
import type { VaultClient } from "../../vault/vault-client.ts";
import type { VaultAnswer } from "../../vault/vault-request.ts";

const PROVIDER = "vault-transit";
const KEY_BYTES = 32;
const MAX_CIPHERTEXT = 4_096;

/** Where the wrapping key is. */
export interface VaultTransitKeyOptions {
  /** Name of the key: a symmetric one, neither derived nor convergent. */
  readonly key: string;
  /** Where the transit engine is mounted. Default `transit`. */
  readonly mount?: string;
}

/**
 * Wraps the root key of a store with a key that never leaves Vault or OpenBao. After Vault has rotated its key,
 * `rewrap` brings the wrapped key up to date without showing the root key.
 *
 * The ciphertext is not bound to the store by associated data, because Vault cannot rewrap one that is. The store
 * itself tells whether a root key is its own.
 * @throws TypeError for a wrong option.
 */
export function vaultTransitKey(client: VaultClient, options: VaultTransitKeyOptions): WrappingKeyProvider {
  const mountPath = checkedPath("mount", options.mount ?? "transit");
  const [key, ...rest] = checkedPath("key", options.key);
  if (key === undefined || rest.length > 0) throw new TypeError("key must be a name without '/'");
  const mount = mountPath.join("/");
  const reference = { provider: PROVIDER, mount, key };

  const post = (operation: string, body: JsonObject, request: KeyRequest): Promise<VaultAnswer> =>
    client.request(
      { method: "POST", path: [...mountPath, operation, key], body, accept: [400, 404], repeat: "always" },
      optionsOf(request),
    );

  return {
    type: "wrapping",
    id: `${PROVIDER}:${mount}/${key}`,

    async wrap(rootKey, request) {
      await assertExists(client, [...mountPath, "keys", key], request);
      const answer = await post("encrypt", { plaintext: encodeBase64(rootKey) }, request);
      if (answer.status !== 200) throw failureOf(answer);
      return { reference, ciphertext: ciphertextOf(answer) };
    },

    async unwrap(wrapped, request) {
      if (!isOurs(wrapped, reference)) return undefined;
      const answer = await post("decrypt", { ciphertext: checkedCiphertext(wrapped.ciphertext) }, request);
      if (answer.status !== 200) throw refusal(answer);
      return rootKeyOf(answer);
    },

    async rewrap(wrapped, request) {
      if (!isOurs(wrapped, reference))
        throw new SecretError("SECRET_WRONG_KEY", "the key was wrapped by another provider");
      const answer = await post("rewrap", { ciphertext: checkedCiphertext(wrapped.ciphertext) }, request);
      if (answer.status !== 200) throw refusal(answer);
      return { reference, ciphertext: ciphertextOf(answer) };
    },
  };
}

// Transit makes a key of whatever name is asked for when the policy allows it: a slip of the pen would make one.
async function assertExists(
  client: VaultClient,
  path: readonly string[],
  request: KeyRequest,
): Promise<void> {
  const answer = await client.request(
    { method: "GET", path, accept: [403, 404], repeat: "always" },
    optionsOf(request),
  );
  if (answer.status === 404) throw new SecretError("SECRET_KEY_MISSING", "Vault has no such wrapping key");
}

function isOurs({ reference }: WrappedKey, ours: WrappedKey["reference"]): boolean {
  return reference.provider === ours.provider && reference.mount === ours.mount && reference.key === ours.key;
}

function checkedCiphertext(ciphertext: string): string {
  if (ciphertext.length <= MAX_CIPHERTEXT && /^[\x21-\x7e]+$/.test(ciphertext)) return ciphertext;
  throw new SecretError("SECRET_WRONG_KEY", "what is to be unwrapped cannot come from Vault");
}

function ciphertextOf(answer: VaultAnswer): string {
  const ciphertext = textIn(objectIn(answer.body, "data"), "ciphertext");
  if (ciphertext.length <= MAX_CIPHERTEXT && /^vault:v\d+:[A-Za-z0-9+/=_-]+$/.test(ciphertext))
    return ciphertext;
  throw new SecretError("SECRET_ANSWER_INVALID", "Vault answered with something that is not a ciphertext");
}

function rootKeyOf(answer: VaultAnswer): Uint8Array {
  let key: Uint8Array;
  try {
    key = decodeBase64(textIn(objectIn(answer.body, "data"), "plaintext"));
  } catch {
    throw new SecretError("SECRET_ANSWER_INVALID", "Vault answered with something that is not a key");
  }
  if (key.length === KEY_BYTES) return key;
  key.fill(0);
  throw new SecretError("SECRET_WRONG_KEY", `Vault unwrapped something that is not ${KEY_BYTES} bytes long`);
}

function refusal(answer: VaultAnswer): SecretError {
  if (errorTexts(answer.body)?.some((text) => text.includes("key not found")) === true)
    return new SecretError("SECRET_KEY_MISSING", "Vault has no such wrapping key");
  // A 404 with an error in it says that nothing is mounted there.
  return answer.status === 404
    ? failureOf(answer)
    : new SecretError("SECRET_WRONG_KEY", "Vault refuses to unwrap the key with this wrapping key");
}

function optionsOf({ signal }: KeyRequest): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
