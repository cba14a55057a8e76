import { decodeBase64, type JsonObject, type JsonValue, parseJson } from "@symbiont/kit";
import { SecretError } from "../errors.ts";
import { type Argon2Cost, argon2id } from "../internal/argon2id.ts";
import type { LocalKeyProvider } from "../key-provider.ts";
import { openSealed } from "./internal/open-sealed.ts";
import { symbiontPassword } from "./internal/symbiont-password.ts";

const MAX_BYTES = 32 << 20;
const CURRENT_LABEL = "Argon2id-m65536-t3-p1";
const CURRENT_COST: Argon2Cost = { memoryKiB: 65_536, passes: 3, lanes: 1 };
/** For the label `Argon2`, and for every other: the label has never chosen another derivation. */
const OLD_COST: Argon2Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };
/** What its Argon2 takes: 8 bytes at least, and 64 characters of base64 at most. */
const SALT_BYTES = { least: 8, most: 48 } as const;

/**
 * Opens one encrypted object of Symbiont: a whole file of its file store, or a field of its model log. The bytes are
 * the caller's to zero.
 *
 * Differs from Symbiont: every salt that it cannot use is refused, where it crashes for some.
 * @param envelope JSON text.
 * @throws SecretError `SECRET_FORMAT_INVALID`, `SECRET_WRONG_KEY` (also for a changed envelope: the format cannot
 * tell), `SECRET_KEY_MISSING`, `SECRET_KEY_INVALID`; what the provider throws.
 */
export async function openSymbiontEnvelope(
  envelope: string | Uint8Array,
  keyProvider: LocalKeyProvider,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const { nonce, salt, sealed, cost } = readEnvelope(envelope);
  const password = await symbiontPassword(keyProvider, options.signal);
  let key: Uint8Array | undefined;
  try {
    key = await argon2id(password, salt, cost);
    return openSealed(key, nonce, sealed);
  } finally {
    password.fill(0);
    key?.fill(0);
  }
}

interface Envelope {
  readonly nonce: Uint8Array;
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
  readonly cost: Argon2Cost;
}

function readEnvelope(text: string | Uint8Array): Envelope {
  let json: JsonValue;
  try {
    json = parseJson(text, { maxBytes: MAX_BYTES, reservedNames: [], unsafeIntegers: "round" });
  } catch {
    throw malformed("it is not strict JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw malformed("it is not an object");
  const members = json as JsonObject;
  if (textOf(members, "algorithm") !== "AES-256-GCM") throw malformed("its algorithm is not AES-256-GCM");
  const salt = bytesOf(members, "salt");
  if (salt.length < SALT_BYTES.least || salt.length > SALT_BYTES.most)
    throw malformed(`its salt is not ${SALT_BYTES.least} to ${SALT_BYTES.most} bytes long`);
  return {
    salt,
    nonce: bytesOf(members, "nonce"),
    sealed: bytesOf(members, "ciphertext"),
    cost: textOf(members, "kdf") === CURRENT_LABEL ? CURRENT_COST : OLD_COST,
  };
}

function textOf(members: JsonObject, name: string): string {
  const value = members[name];
  if (typeof value !== "string") throw malformed(`it has no text '${name}'`);
  return value;
}

function bytesOf(members: JsonObject, name: string): Uint8Array {
  try {
    return decodeBase64(textOf(members, name));
  } catch (error) {
    throw SecretError.is(error) ? error : malformed(`its '${name}' is not canonical base64`);
  }
}

function malformed(what: string): SecretError {
  return new SecretError("SECRET_FORMAT_INVALID", `the Symbiont envelope is malformed: ${what}`);
}
