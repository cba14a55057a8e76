import { compareCodePoints } from "@symbiont/kit";
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
  const text = `{"entries":[${Array.from(inOrder(entries).values(), textOf).join(",")}]}`;
  const length = Buffer.byteLength(text);
  const padded = Buffer.alloc(Math.ceil(length / PADDING_BYTES) * PADDING_BYTES, 0x20);
  padded.write(text);
  return padded;
}

/** The entries in the order of the format; the same map when it has that order, as one that was read has. */
export function inOrder(entries: Entries): Entries {
  let last: string | undefined;
  for (const name of entries.keys()) {
    if (last !== undefined && compareCodePoints(last, name) > 0)
      return new Map([...entries].sort(([a], [b]) => compareCodePoints(a, b)));
    last = name;
  }
  return entries;
}

function textOf(entry: Entry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = JSON.stringify(writeEntry(entry));
    texts.set(entry, text);
  }
  return text;
}
