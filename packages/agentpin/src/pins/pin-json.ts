import { type JsonObject, type JsonValue, parseJson, parseRfc3339 } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import type { DomainPins, PinnedKey, PinTrust } from "./pin-store.ts";
import { readThumbprint } from "./thumbprint.ts";

/** Largest pin file in bytes: holds as many domains and keys as are pinned because they were seen, however long their names. */
export const MAX_PIN_BYTES: number = 64 << 20;
const TRUSTS: readonly unknown[] = ["tofu", "verified", "pinned"];
const MAX_KEYS = 1_000;

/** The error for pins that cannot be trusted. */
export function corruptPins(why: string): AgentPinError {
  return new AgentPinError("AGENTPIN_PIN_STORE_CORRUPT", `pins are corrupt: ${why}`);
}

/**
 * Reads pins: the list that AgentPin's implementations write, or the same as a text inside a JSON text, as Symbiont
 * does. Domains that differ in letter case only are one; one bad entry refuses all.
 *
 * @throws AgentPinError `AGENTPIN_PIN_STORE_CORRUPT`
 */
export function importPins(text: string | Uint8Array): readonly DomainPins[] {
  let value = parse(text);
  if (typeof value === "string") value = parse(value);
  if (!Array.isArray(value)) throw corruptPins("they are not a list");
  const pins = new Map<string, DomainPins>();
  for (const entry of value as readonly JsonValue[]) {
    const { domain, keys } = readDomain(entry);
    const before = pins.get(domain)?.keys ?? [];
    const added = keys.filter(({ thumbprint }) => before.every((key) => key.thumbprint !== thumbprint));
    pins.set(domain, Object.freeze({ domain, keys: Object.freeze([...before, ...added]) }));
  }
  return [...pins.values()];
}

/** Writes pins as AgentPin's implementations read them. */
export function exportPins(pins: Iterable<DomainPins>): string {
  const list = [...pins].map(({ domain, keys }) => ({
    domain,
    pinned_keys: keys.map(({ kid, thumbprint, firstSeen, lastSeen, trust }) => ({
      kid,
      public_key_hash: thumbprint,
      first_seen: new Date(firstSeen).toISOString(),
      last_seen: new Date(lastSeen).toISOString(),
      trust_level: trust,
    })),
  }));
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

function parse(text: string | Uint8Array): JsonValue {
  try {
    return parseJson(text, { maxBytes: MAX_PIN_BYTES, reservedNames: [] });
  } catch {
    throw corruptPins("they are not JSON");
  }
}

function readDomain(entry: JsonValue): DomainPins {
  const { domain, pinned_keys: keys } = objectOf(entry);
  if (typeof domain !== "string" || domain === "") throw corruptPins("a domain is missing");
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) throw corruptPins("keys are not a list");
  return { domain: domain.toLowerCase(), keys: (keys as readonly JsonValue[]).map(readPinnedKey) };
}

function readPinnedKey(entry: JsonValue): PinnedKey {
  const {
    kid,
    public_key_hash: hash,
    first_seen: first,
    last_seen: last,
    trust_level: trust,
  } = objectOf(entry);
  if (typeof kid !== "string" || !TRUSTS.includes(trust)) throw corruptPins("a key is malformed");
  const thumbprint = readThumbprint(hash);
  const firstSeen = parseRfc3339(first);
  const lastSeen = parseRfc3339(last);
  if (thumbprint === undefined || firstSeen === undefined || lastSeen === undefined)
    throw corruptPins("a key is malformed");
  return Object.freeze({ kid, thumbprint, firstSeen, lastSeen, trust: trust as PinTrust });
}

function objectOf(value: JsonValue): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw corruptPins("an entry is not an object");
}
