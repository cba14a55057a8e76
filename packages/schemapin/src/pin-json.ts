import { sha256Hex } from "@symbiont/keys";
import { canonicalJson, type JsonObject, KitError, parseJson } from "@symbiont/kit";
import type { Pin, PinId, RetiredPin } from "./pin-store.ts";
import { SchemaPinError } from "./schemapin-error.ts";

const HASH = /^sha256:[0-9a-f]{64}$/;
const TRUST: readonly unknown[] = ["tofu", "verified", "provisioned"] satisfies readonly Pin["trust"][];
const KINDS: readonly unknown[] = ["tool", "skill", "bundle"] satisfies readonly PinId["kind"][];
const MAX_PREVIOUS = 16;

/** Writes a pin as text. */
export function writePin(pin: Pin): string {
  return canonicalJson(pin);
}

/** @throws SchemaPinError `SCHEMAPIN_PIN_STORE_CORRUPT` */
export function parsePin(text: unknown): Pin {
  if (typeof text !== "string") throw corrupt("a pin is missing");
  return readPin(parseStored(text));
}

/**
 * Reads a pin strictly: a store that somebody else wrote into is not trusted.
 * @throws SchemaPinError `SCHEMAPIN_PIN_STORE_CORRUPT`
 */
export function readPin(value: unknown): Pin {
  if (!isObject(value)) throw corrupt("a pin is malformed");
  const { fingerprint, digest, definition, firstSeen, trust, previous = [], ...rest } = value;
  const { lastSeen, approvedBy, issuedAt, ...unknown } = rest;
  const sound =
    Object.keys(unknown).length === 0 &&
    (fingerprint !== undefined || digest !== undefined) &&
    optional(fingerprint, isHash) &&
    optional(digest, isHash) &&
    optional(definition, (text) => typeof text === "string" && digest === `sha256:${sha256Hex(text)}`) &&
    isInstant(firstSeen) &&
    optional(lastSeen, isInstant) &&
    TRUST.includes(trust) &&
    optional(approvedBy, (name) => typeof name === "string") &&
    optional(issuedAt, isInstant) &&
    Array.isArray(previous) &&
    previous.length <= MAX_PREVIOUS &&
    previous.every(isRetired);
  if (!sound) throw corrupt("a pin is malformed");
  return value as unknown as Pin;
}

/** Reads the key that `pinKey` writes. @throws SchemaPinError `SCHEMAPIN_PIN_STORE_CORRUPT` */
export function readPinKey(key: unknown): PinId {
  const parts = typeof key === "string" ? parseStored(key) : undefined;
  if (!Array.isArray(parts) || parts.length !== 3) throw corrupt("a pin's name is malformed");
  const [kind, domain, subject] = parts as readonly unknown[];
  if (!KINDS.includes(kind) || typeof domain !== "string" || typeof subject !== "string") {
    throw corrupt("a pin's name is malformed");
  }
  return { kind: kind as PinId["kind"], domain, subject };
}

/** A store that does not hold what was put there. */
export function corrupt(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_PIN_STORE_CORRUPT", `pin store is corrupt: ${why}`, { cause });
}

function parseStored(text: string): unknown {
  try {
    return parseJson(text, { reservedNames: [] });
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    throw corrupt("it is not JSON", cause);
  }
}

function isRetired(value: unknown): value is RetiredPin {
  if (!isObject(value)) return false;
  const { fingerprint, digest, retiredAt, ...unknown } = value;
  return (
    Object.keys(unknown).length === 0 &&
    (fingerprint !== undefined || digest !== undefined) &&
    optional(fingerprint, isHash) &&
    optional(digest, isHash) &&
    isInstant(retiredAt)
  );
}

function optional(value: unknown, sound: (value: unknown) => boolean): boolean {
  return value === undefined || sound(value);
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && HASH.test(value);
}

function isInstant(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
