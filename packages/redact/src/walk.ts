import type { JsonValue } from "@symbiont/kit";
import type { MemberAnswer, MemberMemory } from "./member-memory.ts";
import type { NameRules } from "./name-rules.ts";
import { plainForm, writtenBytes } from "./plain-form.ts";
import { REMOVED, type Replace } from "./replacement.ts";
import type { SchemaState } from "./schema-state.ts";
import type { TextScanner } from "./text-scanner.ts";

/** What a walk needs to know, the same for every value. */
export interface WalkRules {
  readonly names: NameRules;
  /** About the members of the last object that no schema describes. */
  readonly memory: MemberMemory<SchemaState>;
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
    if (typeof value === "string") return this.#string(value, state, name, depth);
    if (typeof value === "number") return this.#number(value);
    if (typeof value === "boolean" || value === null) return value;
    if (typeof value === "object") return this.#object(value, state, name, depth);
    if (typeof value === "bigint") return this.#string(String(value), undefined, name, depth);
    return null;
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
    const { replace, maxNodes } = this.#rules;
    const memory = state === undefined ? this.#rules.memory : state.memory;
    const result: Record<string, JsonValue> = {};
    let index = -1;
    for (const key of Object.keys(value)) {
      index += 1;
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property === undefined || property.get !== undefined || property.set !== undefined) continue;
      const member: unknown = property.value;
      if (member === undefined || typeof member === "function" || typeof member === "symbol") continue;
      if (index === 0 && member === "Buffer" && key === "type") {
        const bytes = writtenBytes(value);
        if (bytes !== undefined) return bytes;
      }
      this.#nodes += 1;
      if (this.#nodes > maxNodes) {
        result[LIMIT] = LIMIT;
        break;
      }
      const answer = memory.recall(index, key) ?? this.#answer(memory, index, key, state);
      const { kind, shown } = answer.name;
      const walked =
        kind !== "plain"
          ? replace(shown, member)
          : isError && typeof member === "string" && state === undefined
            ? this.#freeText(member)
            : this.value(member, answer.state, shown, depth + 1);
      if (walked === REMOVED) continue;
      // Assigning to this name would set the copy's prototype instead of a member.
      if (shown === "__proto__") defineMember(result, shown, walked);
      else result[shown] = walked;
    }
    return result;
  }

  #answer(
    memory: MemberMemory<SchemaState>,
    index: number,
    key: string,
    state: SchemaState | undefined,
  ): MemberAnswer<SchemaState> {
    const { names } = this.#rules;
    const name = names.known(key) ?? names.learn(key, this.#text(key));
    const answer = { key, name, state: state?.member(key) };
    memory.keep(index, answer);
    return answer;
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

  #number(value: number): Walked {
    if (!Number.isFinite(value)) return String(value);
    if (!this.#rules.scanner.findsNumbers) return value;
    const text = String(value);
    const safe = this.#text(text);
    return safe === text ? value : safe;
  }

  #string(text: string, state: SchemaState | undefined, name: string, depth: number): Walked {
    const guarded = state?.guarded === true;
    if ((this.#rules.parseStrings || guarded) && looksLikeJson(text)) {
      const parsed = text.length > MAX_JSON_LENGTH ? undefined : tryParse(text);
      if (parsed !== undefined) {
        const walked = this.value(parsed, state?.parsed(), name, depth + 1);
        if (walked === parsed) return this.#text(text);
        const isPlaceholder = typeof walked === "string" && typeof parsed !== "string";
        return walked === REMOVED || isPlaceholder ? walked : JSON.stringify(walked);
      }
      // A document that should have been looked into and cannot be: only its text is left to judge by.
      if (guarded && DOCUMENT_START.test(text)) return UNREADABLE;
      if (text.length > MAX_JSON_LENGTH && JSON_END.test(text.slice(-66))) return LIMIT;
    }
    return state?.hasContent === true ? this.#rules.replace(name, text) : this.#text(text);
  }

  #text(text: string): string {
    return this.#within(text, this.#rules.scanStrings);
  }

  #freeText(text: string): string {
    return this.#within(text, true);
  }

  /** @param all whether to look for more than known values. */
  #within(text: string, all: boolean): string {
    if (text.length < SHORTEST_SECRET) return text;
    const { scanner, maxTextLength } = this.#rules;
    this.#textLength += text.length;
    if (text.length > maxTextLength || this.#textLength > TEXTS * maxTextLength) return LIMIT;
    return all ? scanner.redact(text) : scanner.redactKnown(text);
  }
}

function defineMember(target: object, name: string, value: JsonValue): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

/** An object, an array, or a string that may hold one. */
const JSON_START = /^[\s\ufeff]*[{["]/;
/** The same with what a string of strings has before it. */
const DOCUMENT_START = /^(?:[\s\ufeff"\\]|\\[nrt])*[{[]/;
const JSON_END = /[}\]]\s{0,64}$/;

function looksLikeJson(text: string): boolean {
  const unit = text.charCodeAt(0);
  if (unit > 0x20 && unit !== 0x7b && unit !== 0x5b && unit !== 0x22 && unit < 0x80) return false;
  return JSON_START.test(text);
}

/**
 * Reads leniently on purpose: what comes out is written from what was read, so a doubled or odd name cannot
 * leak, while a strict reader would refuse the text and leave it as it is.
 */
function tryParse(text: string): object | string | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return (typeof value === "object" && value !== null) || typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
