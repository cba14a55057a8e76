import type { JsonValue } from "@symbiont/kit";
import type { NameRules } from "./name-rules.ts";
import { plainForm } from "./plain-form.ts";
import { REMOVED, type Replace } from "./replacement.ts";
import type { SchemaState } from "./schema-state.ts";
import type { TextScanner } from "./text-scanner.ts";

/** What a walk needs to know, the same for every value. */
export interface WalkRules {
  readonly names: NameRules;
  readonly replace: Replace;
  readonly scanner: TextScanner;
  /** Look for secrets in every string; otherwise only known values, and free text of errors and URLs. */
  readonly scanStrings: boolean;
  /** Look into strings that hold a JSON object or array. */
  readonly parseStrings: boolean;
  readonly maxDepth: number;
  readonly maxNodes: number;
  readonly maxTextLength: number;
}

const LIMIT = "[REDACTED:limit]";
const FAILED = "[REDACTED:error]";
const UNREADABLE = "[REDACTED:schema]";
const CIRCULAR = "[Circular]";
const MAX_JSON_LENGTH = 262_144;
/** All strings of one value together may be this many times as long as one. */
const TEXTS = 16;
const KNOWN = 0;
const ALL = 1;
/** No detector finds anything in less. */
const SHORTEST_SECRET = 8;

type Walked = JsonValue | typeof REMOVED;

/**
 * Copies a value with everything secret replaced. The copy is plain JSON data and shares nothing with the
 * original; no code of the original runs: no getter, no `toJSON`, no iterator.
 */
export function redactValue(
  rules: WalkRules,
  value: unknown,
  state: SchemaState | undefined,
  name: string,
): JsonValue {
  try {
    const result = new Walk(rules).value(value, state, name, 0);
    return result === REMOVED ? null : result;
  } catch {
    return FAILED;
  }
}

class Walk {
  readonly #rules: WalkRules;
  readonly #parents: object[] = [];
  #nodes = 0;
  #textLength = 0;

  constructor(rules: WalkRules) {
    this.#rules = rules;
  }

  /** @param name of the nearest member above, safe to show; empty at the root. */
  value(value: unknown, state: SchemaState | undefined, name: string, depth: number): Walked {
    if (state !== undefined) {
      if (state.sensitive) return this.#rules.replace(name, value);
      if (state.unreadable) return UNREADABLE;
    }
    switch (typeof value) {
      case "string":
        return this.#string(value, state, name, depth);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
        return value;
      case "bigint":
        return this.#string(String(value), undefined, name, depth);
      case "object":
        return value === null ? null : this.#object(value, state, name, depth);
      case "undefined":
      case "function":
      case "symbol":
        return null;
      default:
        return FAILED;
    }
  }

  #object(value: object, state: SchemaState | undefined, name: string, depth: number): Walked {
    this.#nodes += 1;
    if (depth >= this.#rules.maxDepth || this.#nodes > this.#rules.maxNodes) return LIMIT;
    if (this.#parents.includes(value)) return CIRCULAR;
    this.#parents.push(value);
    try {
      if (Array.isArray(value)) return this.#items(value, state, name, depth);
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) return this.#members(value, state, depth);
      const plain = plainForm(value);
      if (plain === undefined) return this.#members(value, state, depth);
      if (typeof plain === "string") return this.#freeText(plain);
      if (typeof plain !== "object" || plain === null) return this.value(plain, state, name, depth);
      return Array.isArray(plain)
        ? this.#items(plain, state, name, depth)
        : this.#members(plain, state, depth, value instanceof Error);
    } catch {
      return FAILED; // a proxy that throws, or an object that is not what it pretends to be
    } finally {
      this.#parents.pop();
    }
  }

  #members(value: object, state: SchemaState | undefined, depth: number, isError = false): JsonValue {
    const { names, replace, maxNodes } = this.#rules;
    const result: Record<string, JsonValue> = {};
    for (const key of Object.keys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property === undefined || property.get !== undefined || property.set !== undefined) continue;
      const member: unknown = property.value;
      if (member === undefined || typeof member === "function" || typeof member === "symbol") continue;
      this.#nodes += 1;
      if (this.#nodes > maxNodes) {
        result[LIMIT] = LIMIT;
        break;
      }
      const { kind, shown } = names.known(key) ?? names.learn(key, this.#text(key));
      const walked =
        kind !== "plain"
          ? replace(shown, member)
          : isError && typeof member === "string" && state === undefined
            ? this.#freeText(member)
            : this.value(member, state?.member(key), shown, depth + 1);
      if (walked === REMOVED) continue;
      // Assigning to this name would set the copy's prototype instead of a member.
      if (shown === "__proto__") defineMember(result, shown, walked);
      else result[shown] = walked;
    }
    return result;
  }

  #items(items: readonly unknown[], state: SchemaState | undefined, name: string, depth: number): JsonValue {
    const result: JsonValue[] = [];
    const { length } = items;
    for (let index = 0; index < length; index += 1) {
      this.#nodes += 1;
      if (this.#nodes > this.#rules.maxNodes) {
        result.push(LIMIT);
        break;
      }
      const property = Object.getOwnPropertyDescriptor(items, index);
      const walked = this.value(property?.value, state?.item(index), name, depth + 1);
      if (walked !== REMOVED) result.push(walked);
    }
    return result;
  }

  #string(text: string, state: SchemaState | undefined, name: string, depth: number): Walked {
    const guarded = state?.guarded === true;
    if ((this.#rules.parseStrings || guarded) && looksLikeJson(text)) {
      const parsed = text.length > MAX_JSON_LENGTH ? undefined : tryParse(text);
      if (parsed !== undefined) {
        const walked = this.value(parsed, state?.parsed(), name, depth + 1);
        return walked === REMOVED || typeof walked === "string" ? walked : JSON.stringify(walked);
      }
      // A document that should have been looked into and cannot be: only its text is left to judge by.
      if (guarded) return UNREADABLE;
      if (text.length > MAX_JSON_LENGTH && JSON_END.test(text.slice(-66))) return LIMIT;
    }
    return state?.hasContent === true ? this.#rules.replace(name, text) : this.#text(text);
  }

  #text(text: string): string {
    if (text.length < SHORTEST_SECRET) return text;
    return this.#rules.scanStrings ? this.#freeText(text) : this.#within(text, KNOWN);
  }

  #freeText(text: string): string {
    return this.#within(text, ALL);
  }

  #within(text: string, scan: typeof KNOWN | typeof ALL): string {
    if (text.length < SHORTEST_SECRET) return text;
    const { scanner, maxTextLength } = this.#rules;
    this.#textLength += text.length;
    if (text.length > maxTextLength || this.#textLength > TEXTS * maxTextLength) return LIMIT;
    return scan === ALL ? scanner.redact(text) : scanner.redactKnown(text);
  }
}

function defineMember(target: object, name: string, value: JsonValue): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

const JSON_START = /^[\s\ufeff]*[{[]/;
const JSON_END = /[}\]]\s{0,64}$/;

function looksLikeJson(text: string): boolean {
  const unit = text.charCodeAt(0);
  if (unit > 0x20 && unit !== 0x7b && unit !== 0x5b && unit < 0x80) return false;
  return JSON_START.test(text);
}

/**
 * Reads leniently on purpose: what comes out is written from what was read, so a doubled or odd name cannot
 * leak, while a strict reader would refuse the text and leave it as it is.
 */
function tryParse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
