import { type JsonObject, type JsonValue, parseJson } from "@symbiont/kit";
import { SecretError } from "../../../errors.ts";
import { readInstant } from "./instant.ts";
import { readBase64Url } from "./read-base64url.ts";

// Twice the 64 levels that notes may have.
const MAX_DEPTH = 128;

/** Makes the error for content that breaks the format. Says where, never what. */
export function malformed(what: string): SecretError {
  return new SecretError("SECRET_FORMAT_INVALID", `the secret file is malformed: ${what}`);
}

/** Parses JSON text of the file. The parser's error stays out: it may quote. */
export function parseStrict(text: string | Uint8Array, what: string, maxBytes: number): JsonValue {
  try {
    // Notes may hold any number; where the format itself has one, its range is checked.
    return parseJson(text, { maxBytes, maxDepth: MAX_DEPTH, reservedNames: [], unsafeIntegers: "round" });
  } catch {
    throw malformed(`${what} is not strict JSON`);
  }
}

/**
 * Reads the members of a JSON object, all of them known: what we do not understand we must not ignore, and would
 * lose at the next write.
 */
export class StrictObject {
  readonly #json: JsonObject;
  readonly #what: string;

  constructor(value: JsonValue | undefined, what: string, known: ReadonlySet<string>) {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw malformed(`${what} is not an object`);
    this.#json = value as JsonObject;
    this.#what = what;
    if (Object.keys(this.#json).some((name) => !known.has(name)))
      throw malformed(`${what} has an unknown member`);
  }

  has(name: string): boolean {
    return this.#json[name] !== undefined;
  }

  value(name: string): JsonValue | undefined {
    return this.#json[name];
  }

  literal(name: string, expected: string | number): void {
    if (this.#json[name] !== expected) throw this.#wrong(name);
  }

  /** Text of 1 to `maxBytes` bytes. */
  text(name: string, maxBytes: number): string {
    const value = this.#json[name];
    if (typeof value !== "string" || value === "" || Buffer.byteLength(value) > maxBytes)
      throw this.#wrong(name);
    return value;
  }

  integer(name: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#json[name];
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
      throw this.#wrong(name);
    return value;
  }

  /** An instant in the one spelling that is written, as epoch milliseconds. */
  instant(name: string): number {
    const value = this.#json[name];
    const time = typeof value === "string" ? readInstant(value) : undefined;
    if (time === undefined) throw this.#wrong(name);
    return time;
  }

  /** Bytes in base64url. A spelling that nobody writes was made by somebody who changed the file. */
  bytes(name: string, length?: number): Uint8Array {
    const value = this.#json[name];
    if (typeof value !== "string") throw this.#wrong(name);
    const bytes = readBase64Url(value);
    if (bytes === undefined)
      throw new SecretError("SECRET_TAMPERED", `${this.#what}: '${name}' is not canonical base64url`);
    if (length !== undefined && bytes.length !== length) throw this.#wrong(name);
    return bytes;
  }

  list(name: string, most: number): readonly JsonValue[] {
    const value = this.#json[name];
    if (!Array.isArray(value) || value.length > most) throw this.#wrong(name);
    return value as readonly JsonValue[];
  }

  #wrong(name: string): SecretError {
    return malformed(`${this.#what}: '${name}' is not what the format allows`);
  }
}
