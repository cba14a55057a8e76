import { compareCodePoints, encodeUtf8 } from "@symbiont/kit";
import { type Entry, readEntry, writeEntry } from "./entry.ts";
import { MAX_ENTRIES, MAX_FILE_BYTES, PADDING_BYTES } from "./limits.ts";
import { malformed, parseStrict, StrictObject } from "./strict-object.ts";

/** All secrets of a store by name: a map, so that a secret may be called `__proto__`. */
export type Entries = ReadonlyMap<string, Entry>;

const MEMBERS: ReadonlySet<string> = new Set(["entries"]);

// A write changes one entry of many: the others need not be turned into text again.
const texts = new WeakMap<Entry, string>();

/** @throws SecretError `SECRET_FORMAT_INVALID`, `SECRET_TAMPERED`. */
export function readPayload(plaintext: Uint8Array): Entries {
  const payload = new StrictObject(parseStrict(plaintext, "the payload", MAX_FILE_BYTES), "payload", MEMBERS);
  const entries = new Map<string, Entry>();
  for (const json of payload.list("entries", MAX_ENTRIES)) {
    const entry = readEntry(json);
    if (entries.has(entry.metadata.name)) throw malformed("two entries have one name");
    entries.set(entry.metadata.name, entry);
  }
  return entries;
}

/** The payload before it is sealed, padded with spaces. */
export function writePayload(entries: Entries): Uint8Array {
  const sorted = [...entries.values()].sort((a, b) => compareCodePoints(a.metadata.name, b.metadata.name));
  const json = encodeUtf8(`{"entries":[${sorted.map(textOf).join(",")}]}`);
  const padded = new Uint8Array(Math.ceil(json.length / PADDING_BYTES) * PADDING_BYTES).fill(0x20);
  padded.set(json);
  return padded;
}

function textOf(entry: Entry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = JSON.stringify(writeEntry(entry));
    texts.set(entry, text);
  }
  return text;
}
