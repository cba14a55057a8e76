import { encodeBase64, encodeBase64Url, encodeHex } from "@symbiont/kit";
import { RedactError } from "./errors.ts";
import { AT_SPACE, type TextSpan } from "./text-span.ts";

const MIN_BYTES = 8;
const MAX_BYTES = 4_096;
const MAX_VALUES = 1_000;
/** Characters of a form that are looked up; no form is shorter. */
const KEY = 8;

const encoder = new TextEncoder();

/** Values that are secret wherever they stand, in any of the spellings that programs give them. */
export class KnownValues {
  readonly #values = new Map<string, readonly string[]>();
  /** Forms by their first characters. */
  readonly #forms = new Map<string, string[]>();
  /** Which pairs of first and second characters begin a form: one look tells most places apart. */
  readonly #begins = new Uint8Array(4_096);
  /** Beginnings of forms, shorter than KEY. */
  readonly #stubs = new Set<string>();
  #longest = 0;
  #isIndexed = true;

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /**
   * @throws RedactError `REDACT_VALUE_TOO_SHORT`, `REDACT_VALUE_TOO_LONG`, `REDACT_REGISTER_FULL`.
   */
  add(value: string | Uint8Array): () => void {
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    if (bytes.length < MIN_BYTES)
      throw new RedactError("REDACT_VALUE_TOO_SHORT", `a known value must have at least ${MIN_BYTES} bytes`);
    if (bytes.length > MAX_BYTES)
      throw new RedactError("REDACT_VALUE_TOO_LONG", `a known value must have at most ${MAX_BYTES} bytes`);
    const id = encodeHex(bytes);
    if (!this.#values.has(id)) {
      if (this.#values.size >= MAX_VALUES)
        throw new RedactError("REDACT_REGISTER_FULL", `at most ${MAX_VALUES} values can be known`);
      this.#values.set(id, spellings(bytes));
      this.#isIndexed = false;
    }
    return () => {
      if (this.#values.delete(id)) this.#isIndexed = false;
    };
  }

  /** Finds known values in a text. */
  find(text: string, spans: TextSpan[]): void {
    if (this.isEmpty) return;
    this.#index();
    for (let at = 0; at + KEY <= text.length; at += 1) {
      if (this.#begins[pair(text, at)] === 0) continue;
      const form = this.#forms
        .get(text.slice(at, at + KEY))
        ?.find((candidate) => text.startsWith(candidate, at));
      if (form === undefined) continue;
      const end = at + form.length;
      // The search goes on inside the match: another form may begin there and reach further.
      spans.push({ from: at, start: at, end, replacement: "[REDACTED:known]", resume: AT_SPACE });
    }
  }

  /** Where the earliest known value begins that the end of `text` cuts off, or the length of the text. */
  openAt(text: string): number {
    if (this.isEmpty) return text.length;
    this.#index();
    for (let at = Math.max(0, text.length - this.#longest + 1); at < text.length; at += 1) {
      if (at + 1 < text.length && this.#begins[pair(text, at)] === 0) continue;
      const rest = text.slice(at);
      if (rest.length < KEY ? this.#stubs.has(rest) : this.#isCutOff(rest)) return at;
    }
    return text.length;
  }

  #isCutOff(rest: string): boolean {
    const forms = this.#forms.get(rest.slice(0, KEY)) ?? [];
    return forms.some((form) => form.length > rest.length && form.startsWith(rest));
  }

  #index(): void {
    if (this.#isIndexed) return;
    this.#isIndexed = true;
    this.#forms.clear();
    this.#stubs.clear();
    this.#begins.fill(0);
    this.#longest = 0;
    for (const forms of this.#values.values()) {
      for (const form of forms) {
        const key = form.slice(0, KEY);
        this.#forms.set(key, [...(this.#forms.get(key) ?? []), form]);
        this.#begins[pair(form, 0)] = 1;
        for (let length = 1; length < KEY; length += 1) this.#stubs.add(form.slice(0, length));
        this.#longest = Math.max(this.#longest, form.length);
      }
    }
    for (const forms of this.#forms.values()) forms.sort((a, b) => b.length - a.length);
  }
}

function pair(text: string, at: number): number {
  return (text.charCodeAt(at) * 61 + text.charCodeAt(at + 1)) & 4_095;
}

/** The value as text and as programs write it: JSON, URL, hexadecimal, and base64 at any offset. */
function spellings(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes);
  const isText = !text.includes("\ufffd");
  const hex = encodeHex(bytes);
  const forms = new Set<string>([hex, hex.toUpperCase()]);
  if (isText) {
    const escaped = encodeURIComponent(text);
    const strict = escaped.replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    for (const form of [text, JSON.stringify(text).slice(1, -1), escaped, strict]) forms.add(form);
    forms.add(strict.replaceAll("%20", "+"));
    forms.add(escaped.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()));
  }
  for (const encode of [encodeBase64, encodeBase64Url]) {
    const whole = encode(bytes);
    forms.add(whole).add(whole.replace(/=+$/, ""));
    for (let offset = 0; offset < 3; offset += 1) forms.add(innerBase64(bytes, offset, encode));
  }
  return [...forms].filter((form) => form.length >= KEY);
}

/** The characters that depend on the value alone when it stands `offset` bytes behind a group's start. */
function innerBase64(bytes: Uint8Array, offset: number, encode: (bytes: Uint8Array) => string): string {
  const padded = new Uint8Array(offset + bytes.length);
  padded.set(bytes, offset);
  const first = Math.ceil((offset * 8) / 6);
  return encode(padded).slice(first, Math.floor((padded.length * 8) / 6));
}
