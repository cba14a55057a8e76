import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import {
  type KeyMaterial,
  type LocalKeyProvider,
  SecretError,
  type WrappedKey,
  type WrappingKeyProvider,
} from "@symbiont/secrets";

/** A provider of a random key; equal names give equal keys. */
export function rawKey(name = "ci"): LocalKeyProvider {
  return rawKeyOf(digest(name), `raw:${name}`);
}

export function rawKeyOf(key: Uint8Array, id = "raw"): LocalKeyProvider {
  return localKey(id, () => ({ kind: "raw", key: Uint8Array.from(key) }));
}

export function passphrase(text: string | Uint8Array, id = "passphrase"): LocalKeyProvider {
  return localKey(id, () => ({
    kind: "passphrase",
    passphrase: typeof text === "string" ? text : Uint8Array.from(text),
  }));
}

export function localKey(
  id: string,
  load: () => KeyMaterial | undefined | Promise<KeyMaterial | undefined>,
): LocalKeyProvider {
  return { type: "local", id, load: async () => load() };
}

/** A service that wraps keys, with versions of its wrapping key. */
export class WrappingService implements WrappingKeyProvider {
  readonly type = "wrapping";
  readonly id: string;
  version = 1;
  calls = { wrap: 0, unwrap: 0, rewrap: 0 };
  readonly #name: string;

  constructor(name = "agents") {
    this.#name = name;
    this.id = `service:${name}`;
  }

  async wrap(rootKey: Uint8Array): Promise<WrappedKey> {
    this.calls.wrap += 1;
    return this.#wrapped(rootKey);
  }

  async unwrap(wrapped: WrappedKey): Promise<Uint8Array | undefined> {
    this.calls.unwrap += 1;
    return wrapped.reference.key === this.#name ? this.#unwrapped(wrapped.ciphertext) : undefined;
  }

  async rewrap(wrapped: WrappedKey): Promise<WrappedKey> {
    this.calls.rewrap += 1;
    return this.#wrapped(this.#unwrapped(wrapped.ciphertext));
  }

  #wrapped(rootKey: Uint8Array): WrappedKey {
    const cipher = createCipheriv("aes-256-gcm", this.#key(this.version), Buffer.alloc(12));
    const sealed = Buffer.concat([cipher.update(rootKey), cipher.final(), cipher.getAuthTag()]);
    return {
      reference: { provider: "test", mount: "transit", key: this.#name },
      ciphertext: `test:v${this.version}:${sealed.toString("base64")}`,
    };
  }

  #unwrapped(ciphertext: string): Uint8Array {
    const [, version = "", text = ""] = /^test:v(\d+):(.*)$/.exec(ciphertext) ?? [];
    const sealed = Buffer.from(text, "base64");
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key(Number(version)), Buffer.alloc(12), {
        authTagLength: 16,
      });
      decipher.setAuthTag(sealed.subarray(-16));
      return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]));
    } catch {
      throw new SecretError("SECRET_WRONG_KEY", "the service refuses the ciphertext");
    }
  }

  #key(version: number): Uint8Array {
    return digest(`${this.#name} ${version}`);
  }
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
