import { decodeUtf8, type SecretHandle } from "@symbiont/kit";
import { SecretError } from "./errors.ts";
import type { SecretValue } from "./secret-value.ts";

const HIDDEN = "[REDACTED]";
/** What `util.inspect` asks for, named so that importing this loads no module. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * A value that does not show itself. Printing, logging, serialising, cloning or spreading it shows no byte; only
 * {@link Secret.use}, {@link Secret.expose} and {@link Secret.exposeBytes} do.
 *
 * A file store keeps the value sealed until then. Every copy that is lent is zeroed; what was handed out, above all
 * the string of `expose()`, cannot be erased by anyone.
 *
 * Test runners call any two secrets deeply equal: compare with {@link Secret.equals}.
 */
export class Secret implements SecretHandle {
  static {
    Object.defineProperty(Secret.prototype, INSPECT, { value: () => HIDDEN });
  }

  readonly name: string;
  /** Version of the secret in its store. */
  readonly version: number;
  #value: SecretValue | undefined;

  /** @param value is the handle's own from here on. */
  constructor(name: string, version: number, value: SecretValue) {
    this.name = name;
    this.version = version;
    this.#value = value;
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
    const copy = this.exposeBytes();
    try {
      return decodeUtf8(copy);
    } catch {
      throw new SecretError("SECRET_VALUE_INVALID", "the value is not UTF-8 text", { secret: this.name });
    } finally {
      copy.fill(0);
    }
  }

  /** Hands out a copy, which the caller zeroes. @throws SecretError `SECRET_CLOSED`. */
  exposeBytes(): Uint8Array<ArrayBuffer> {
    if (this.#value === undefined)
      throw new SecretError("SECRET_CLOSED", "the secret was disposed of", { secret: this.name });
    return this.#value.copy();
  }

  /** Compares in constant time, whatever the lengths. @throws SecretError `SECRET_CLOSED`. */
  equals(other: Secret | Uint8Array): boolean {
    return nodeCrypto().timingSafeEqual(
      digest(this.exposeBytes(), true),
      other instanceof Secret ? digest(other.exposeBytes(), true) : digest(other, false),
    );
  }

  /** Zeroes what the handle holds; it is of no use from here on. */
  dispose(): void {
    this.#value?.dispose();
    this.#value = undefined;
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
}

// Loaded by the first comparison: most programs make none.
const nodeCrypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

// Hashed first: timingSafeEqual wants equal lengths, and the length is a secret too.
function digest(bytes: Uint8Array, ours: boolean): Uint8Array {
  const hash = nodeCrypto().createHash("sha256").update(bytes).digest();
  if (ours) bytes.fill(0);
  return hash;
}
