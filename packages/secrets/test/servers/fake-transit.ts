import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { errors, type FakeReply, type FakeRequest } from "./fake-vault.ts";

/** The transit engine at `transit`, with keys that are made by hand. */
export class FakeTransit {
  readonly #keys = new Map<string, Buffer>();

  make(name: string): void {
    this.#keys.set(name, randomBytes(32));
  }

  answer({ method, path, body }: FakeRequest): FakeReply | undefined {
    const [mount, operation, name = ""] = path.split("/");
    if (mount !== "transit" || this.#keys.size === 0) return undefined;
    const key = this.#keys.get(name);
    if (method === "GET") return key === undefined ? errors(404) : { status: 200, json: { data: { name } } };
    if (key === undefined) return errors(400, "encryption key not found");
    const plaintext =
      operation === "encrypt" ? Buffer.from(body.plaintext, "base64") : open(key, body.ciphertext);
    if (plaintext === undefined) return errors(400, "cipher: message authentication failed");
    const data =
      operation === "decrypt"
        ? { plaintext: plaintext.toString("base64") }
        : { ciphertext: seal(key, plaintext), key_version: 1 };
    return { status: 200, json: { data } };
  }
}

/** Changes the end of what transit has made: the right shape, and nothing that opens. */
export function damagedCiphertext(ciphertext: string): string {
  return ciphertext.replace(/.{6}$/, (end) => `${end.startsWith("A") ? "B" : "A"}${end.slice(1)}`);
}

function seal(key: Buffer, plaintext: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return `vault:v1:${sealed.toString("base64")}`;
}

function open(key: Buffer, ciphertext: string): Buffer | undefined {
  const sealed = Buffer.from(ciphertext.replace("vault:v1:", ""), "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
