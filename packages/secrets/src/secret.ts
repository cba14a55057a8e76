import { createHash, timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";
import { decodeUtf8, type SecretHandle } from "@symbiont/kit";
import { SecretError } from "./errors.ts";

const HIDDEN = "[REDACTED]";

/**
 * A value that does not show itself. Printing, logging, serialising, cloning or spreading it shows no byte; only
 * {@link Secret.use}, {@link Secret.expose} and {@link Secret.exposeBytes} do.
 *
 * The bytes live outside the JavaScript heap and are zeroed by {@link Secret.dispose}. What was copied out of
 * them, above all the string of `expose()`, cannot be erased by anyone.
 *
 * Deep equality of test runners holds for any two secrets: compare with {@link Secret.equals}.
 */
export class Secret implements SecretHandle {
  static {
    Object.defineProperty(Secret.prototype, inspect.custom, { value: () => HIDDEN });
  }

  readonly name: string;
  /** Version of the secret in its store. */
  readonly version: number;
  readonly #bytes: Uint8Array;
  #disposed = false;

  /** @param bytes is owned by the handle from here on. */
  constructor(name: string, version: number, bytes: Uint8Array) {
    this.name = name;
    this.version = version;
    // Its own memory, never the pool that small Buffers share.
    this.#bytes = Buffer.allocUnsafeSlow(bytes.length);
    this.#bytes.set(bytes);
    bytes.fill(0);
    Object.freeze(this);
  }

  /**
   * Lends a copy of the bytes, and zeroes it when `use` has settled.
   * @throws SecretError `SECRET_CLOSED`; what `use` throws.
   */
  async use<T>(use: (bytes: Uint8Array) => T | Promise<T>): Promise<T> {
    const copy = this.exposeBytes();
    try {
      return await use(copy);
    } finally {
      copy.fill(0);
    }
  }

  /**
   * Hands out the value as text, which can never be erased: prefer {@link Secret.use}.
   * @throws SecretError `SECRET_CLOSED`, `SECRET_VALUE_INVALID` when the value is not UTF-8.
   */
  expose(): string {
    try {
      return decodeUtf8(this.#live());
    } catch (error) {
      if (SecretError.is(error)) throw error;
      throw new SecretError("SECRET_VALUE_INVALID", "the value is not UTF-8 text", { secret: this.name });
    }
  }

  /** Hands out a copy, which the caller zeroes. @throws SecretError `SECRET_CLOSED`. */
  exposeBytes(): Uint8Array {
    const bytes = this.#live();
    const copy = Buffer.allocUnsafeSlow(bytes.length);
    copy.set(bytes);
    return new Uint8Array(copy.buffer);
  }

  /** Compares in constant time, whatever the lengths. @throws SecretError `SECRET_CLOSED`. */
  equals(other: Secret | Uint8Array): boolean {
    return timingSafeEqual(digest(this.#live()), digest(other instanceof Secret ? other.#live() : other));
  }

  /** Zeroes the bytes; the handle is of no use from here on. */
  dispose(): void {
    this.#disposed = true;
    this.#bytes.fill(0);
  }

  /** Same as {@link Secret.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Hides the value. */
  toString(): string {
    return HIDDEN;
  }

  /** Hides the value. */
  toJSON(): string {
    return HIDDEN;
  }

  /** Hides the value; a number cannot be made of it. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "number") throw new TypeError("a secret is not a number");
    return HIDDEN;
  }

  #live(): Uint8Array {
    if (this.#disposed)
      throw new SecretError("SECRET_CLOSED", "the secret was disposed of", { secret: this.name });
    return this.#bytes;
  }
}

// Hashed first: timingSafeEqual wants equal lengths, and the length is a secret too.
function digest(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
