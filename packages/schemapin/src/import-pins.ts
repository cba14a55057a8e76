import { importPublicKeyPem } from "@symbiont/keys";
import { type Clock, excerpt, type JsonObject, KitError, parseJson } from "@symbiont/kit";
import type { Pin, StoredPin } from "./pin-store.ts";
import { SchemaPinError } from "./schemapin-error.ts";

/** How foreign pins become ours. */
export interface ImportPinsOptions {
  /** Makes the subject of a pin from the tool's name there. Default: the name itself. */
  readonly subject?: (toolId: string) => string;
  /**
   * Gives the publisher's domain for an entry of Symbiont's store, which knows an identifier only. Default: the
   * identifier, when it is a domain.
   */
  readonly domain?: (identifier: string) => string;
  /** Stands for the time of a pin that has none. Default `Date`. */
  readonly clock?: Clock;
}

type ForeignPin = { readonly toolId: string; readonly domain: string; readonly pin: Pin };

const FINGERPRINT = /^sha256:[0-9a-f]{64}$/i;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/i;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const MAX_BYTES = 16 << 20;
const RUST_TRUST: ReadonlyMap<unknown, Pin["trust"]> = new Map<unknown, Pin["trust"]>([
  ["tofu", "tofu"],
  ["verified", "verified"],
  ["pinned", "provisioned"],
]);

/**
 * Reads the pins of another implementation; which one is seen from the data. Known are the stores of SchemaPin for
 * JavaScript, Python and Go (a map, or an exported list), for Rust, the key file of JavaScript, and Symbiont's.
 * Put the result into a store. Policies by domain that such a file may hold are left out.
 *
 * One entry that cannot be read refuses them all: a pin left behind would be first use again.
 *
 * Differs from Symbiont: fingerprints are computed from the keys again; Symbiont's are over the fetched text.
 *
 * @param text of the file.
 * @throws SchemaPinError `SCHEMAPIN_PIN_STORE_CORRUPT`
 */
export function importPins(text: string | Uint8Array, options: ImportPinsOptions = {}): readonly StoredPin[] {
  const { subject = (toolId) => toolId } = options;
  const seen = new Set<string>();
  return readEntries(text, options).map(({ toolId, domain, pin }) => {
    if (!DOMAIN.test(domain)) throw refused(toolId, "has no domain");
    const id = { kind: "tool", domain: domain.toLowerCase(), subject: subject(toolId) } as const;
    const name = JSON.stringify(id);
    if (seen.has(name)) throw refused(toolId, "is there twice");
    seen.add(name);
    return { id, pin };
  });
}

function readEntries(text: string | Uint8Array, options: ImportPinsOptions): readonly ForeignPin[] {
  const data = parse(text);
  const now = (options.clock ?? Date).now();
  if (Array.isArray(data)) return (data as readonly unknown[]).map((entry) => readListed(entry, now));
  if (!isObject(data)) throw refused("the file", "is neither a list nor a map");
  const { pinned_keys } = data;
  if (isObject(pinned_keys)) {
    return Object.entries(pinned_keys).map(([toolId, entry]) => readKey(toolId, entry, now));
  }
  return Object.entries(data).map(([name, entry]) =>
    typeof entry === "string" ? readFlat(name, entry, now) : readSymbiont(name, entry, options, now),
  );
}

/** A map from `tool@domain` to a fingerprint. Domains have no `@`, tools may. */
function readFlat(name: string, fingerprint: string, now: number): ForeignPin {
  const at = name.lastIndexOf("@");
  if (at < 1) throw refused(name, "names no tool and domain");
  const pin: Pin = { fingerprint: fingerprintOf(name, fingerprint), firstSeen: now, trust: "tofu" };
  return { toolId: name.slice(0, at), domain: name.slice(at + 1), pin };
}

function readListed(entry: unknown, now: number): ForeignPin {
  if (!isObject(entry) || typeof entry["tool_id"] !== "string") throw refused("an entry", "has no tool_id");
  const { tool_id: toolId, pinned_keys: keys } = entry;
  return Array.isArray(keys) ? readSeveral(toolId, entry, keys) : readKey(toolId, entry, now);
}

/** Rust keeps several keys for a tool; the newest may sign, the others were before it. */
function readSeveral(toolId: string, { domain }: JsonObject, keys: readonly unknown[]): ForeignPin {
  const pins = keys.map((key) => {
    if (!isObject(key)) throw refused(toolId, "has a malformed key");
    const trust = RUST_TRUST.get(key["trust_level"]);
    if (trust === undefined) throw refused(toolId, "has an unknown trust level");
    return {
      fingerprint: fingerprintOf(toolId, key["fingerprint"]),
      firstSeen: instant(toolId, key["first_seen"]),
      lastSeen: instant(toolId, key["last_seen"]),
      trust,
    };
  });
  pins.sort((a, b) => a.firstSeen - b.firstSeen);
  const current = pins.at(-1);
  if (current === undefined || typeof domain !== "string") throw refused(toolId, "has no key or no domain");
  const previous = pins
    .slice(0, -1)
    .map(({ fingerprint, lastSeen }) => ({ fingerprint, retiredAt: lastSeen }));
  return { toolId, domain, pin: { ...current, ...(previous.length === 0 ? {} : { previous }) } };
}

function readKey(toolId: string, entry: unknown, now: number): ForeignPin {
  if (!isObject(entry) || typeof entry["domain"] !== "string") throw refused(toolId, "has no domain");
  const { domain, public_key_pem, pinned_at, last_verified } = entry;
  return { toolId, domain, pin: pinOf(toolId, public_key_pem, { pinned_at, last_verified }, now) };
}

/** Symbiont keeps the text it fetched: a key, or the document that holds one. */
function readSymbiont(
  identifier: string,
  entry: unknown,
  { domain = (name) => name }: ImportPinsOptions,
  now: number,
): ForeignPin {
  if (!isObject(entry) || entry["identifier"] !== identifier) throw refused(identifier, "is malformed");
  const { public_key, pinned_at } = entry;
  const key =
    typeof public_key === "string" && public_key.trimStart().startsWith("{")
      ? (parse(public_key) as JsonObject)["public_key_pem"]
      : public_key;
  return { toolId: identifier, domain: domain(identifier), pin: pinOf(identifier, key, { pinned_at }, now) };
}

function pinOf(
  name: string,
  pem: unknown,
  { pinned_at, last_verified }: { readonly pinned_at?: unknown; readonly last_verified?: unknown },
  now: number,
): Pin {
  if (typeof pem !== "string") throw refused(name, "has no key");
  let fingerprint: string;
  try {
    fingerprint = importPublicKeyPem(pem, { algorithm: "ES256" }).fingerprint;
  } catch (cause) {
    throw refused(name, "has a key that is not a P-256 key", cause);
  }
  const firstSeen = pinned_at === undefined || pinned_at === null ? now : instant(name, pinned_at);
  const isVerified = last_verified !== undefined && last_verified !== null;
  const lastSeen = isVerified ? { lastSeen: instant(name, last_verified) } : {};
  return { fingerprint, firstSeen, ...lastSeen, trust: "tofu" };
}

function fingerprintOf(name: string, fingerprint: unknown): string {
  if (typeof fingerprint !== "string" || !FINGERPRINT.test(fingerprint)) {
    throw refused(name, "has no fingerprint");
  }
  return fingerprint.toLowerCase();
}

function instant(name: string, text: unknown): number {
  const value = typeof text === "string" && INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(value)) throw refused(name, "has no readable time");
  return value;
}

function parse(text: string | Uint8Array): unknown {
  try {
    return parseJson(text, { maxBytes: MAX_BYTES, reservedNames: [] });
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    throw refused("the file", "is not JSON", cause);
  }
}

function refused(name: string, why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError(
    "SCHEMAPIN_PIN_STORE_CORRUPT",
    `pins cannot be imported: ${excerpt(name)} ${why}`,
    {
      cause,
    },
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
