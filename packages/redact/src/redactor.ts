import type { JsonObject, JsonValue, Redactor as RedactorPort } from "@symbiont/kit";
import { KnownValues } from "./known-values.ts";
import { MemberMemory } from "./member-memory.ts";
import { nameList } from "./name-list.ts";
import { NameRules } from "./name-rules.ts";
import { createReplace, type ReplacementOption } from "./replacement.ts";
import { readMarkers, type SchemaMarkers } from "./schema-markers.ts";
import { readSchema } from "./schema-node.ts";
import { hasUnreadable, SchemaGraph, type SchemaState, UNREADABLE } from "./schema-state.ts";
import { TextRedactor } from "./text-redactor.ts";
import { TextScanner } from "./text-scanner.ts";
import { redactValue, type WalkRules } from "./walk.ts";

/** Options of {@link createRedactor}. */
export interface RedactorOptions {
  /** Names whose values are secret at any depth. Case, `_`, `-`, `.` and white space do not count. Default none. */
  readonly sensitiveParams?: readonly string[];
  /**
   * Compare `sensitiveParams` letter by letter, and look at nothing else but schemas and known values: no
   * built-in names, no JSON inside strings, no secrets in strings. This is Symbiont's rule. Default `false`.
   */
  readonly exact?: boolean;
  /** Whether well-known names (`password`, `apiKey`, …) are secret. Default `true`, `false` with `exact`. */
  readonly builtInNames?: boolean;
  /** Whether strings inside values are searched for secrets. Default `true`, `false` with `exact`. */
  readonly scanStrings?: boolean;
  /** Whether text is also searched for personal data. Default `false`. */
  readonly personalData?: boolean;
  /** Schema keywords that mark. Default `x-sensitive`, `sensitive`, `x-redact`, `writeOnly`. */
  readonly markers?: readonly string[];
  /** Values of the schema keyword `format` that mark. Default `password`. */
  readonly markedFormats?: readonly string[];
  /** Default `"label"`. */
  readonly replacement?: ReplacementOption;
  /** Deepest nesting that is looked into, 1 to 256. Default 64. */
  readonly maxDepth?: number;
  /** Most members and items that are looked at. Default 100,000. */
  readonly maxNodes?: number;
  /** Longest string that is looked into, in UTF-16 code units. Default 1,048,576. */
  readonly maxTextLength?: number;
  /**
   * Told about each schema that could not be read, in whole or in part: a remote or dangling reference, something
   * that is no schema. The values it would have described are redacted. Default none.
   */
  readonly onUnreadableSchema?: (schema: unknown) => void;
}

/** Makes values and text safe to record. Safe to share; it never throws while redacting. */
export interface Redactor extends RedactorPort {
  /**
   * Copies a value as plain JSON data with everything secret replaced. Any value will do. What cannot be
   * looked into is replaced whole: `[REDACTED:error]`, `[REDACTED:limit]`, `[REDACTED:schema]`.
   * @param schema JSON Schema of the value. Frozen schemas are read once.
   */
  redact(value: unknown, schema?: JsonObject): JsonValue;
  /** Replaces secrets in free text, such as a result, a log line or an error message. */
  redactText(text: string): string;
  /** Starts the redaction of text that arrives in pieces. */
  openText(): TextRedactor;
  /**
   * Makes a value secret wherever it stands, as it is or as base64, base64url, hexadecimal, URL-encoded or JSON
   * text. 8 to 4,096 bytes; at most 1,000 values, which are kept in memory in the clear.
   * @returns a function that forgets the value.
   * @throws RedactError `REDACT_VALUE_TOO_SHORT`, `REDACT_VALUE_TOO_LONG`, `REDACT_REGISTER_FULL`.
   */
  register(secret: string | Uint8Array): () => void;
}

/**
 * Creates a redactor.
 * @throws TypeError, RangeError naming a wrong option.
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const known = new KnownValues();
  const { rules, scanner } = readRules(options, known);
  const schemas = new SchemaCache(options);
  return {
    redact: (value, schema) =>
      redactValue(rules, value, schema === undefined ? undefined : schemas.state(schema), ""),
    redactText: (text) => {
      try {
        return text.length > rules.maxTextLength ? "[REDACTED:limit]" : scanner.redact(text);
      } catch {
        return "[REDACTED:error]";
      }
    },
    openText: () => new TextRedactor(scanner, known),
    register: (secret) => {
      const forget = known.add(secret);
      rules.names.forget();
      return forget;
    },
  };
}

function readRules(
  options: RedactorOptions,
  known: KnownValues,
): { readonly rules: WalkRules; readonly scanner: TextScanner } {
  const exact = flag("exact", options.exact, false);
  const names = new NameRules({
    names: nameList("sensitiveParams", options.sensitiveParams ?? [], exact),
    exact,
    builtIn: flag("builtInNames", options.builtInNames, !exact),
  });
  const personalData = flag("personalData", options.personalData, false);
  const scanner = new TextScanner({
    known,
    isSecret: (name) => {
      const kind = names.classify(name);
      return kind === "secret" || (kind === "personal" && personalData);
    },
    personalData,
  });
  const rules: WalkRules = {
    names,
    memory: new MemberMemory(),
    scanner,
    replace: createReplace(options.replacement),
    scanStrings: flag("scanStrings", options.scanStrings, !exact),
    parseStrings: !exact,
    maxDepth: within("maxDepth", options.maxDepth ?? 64, 256),
    maxNodes: within("maxNodes", options.maxNodes ?? 100_000, 10_000_000),
    maxTextLength: within("maxTextLength", options.maxTextLength ?? 1_048_576, 67_108_864),
  };
  return { rules, scanner };
}

/** Compiled schemas. Only what cannot change any more is kept: a marker added later must count. */
class SchemaCache {
  readonly #markers: SchemaMarkers;
  readonly #onUnreadable: ((schema: unknown) => void) | undefined;
  readonly #states = new WeakMap<object, SchemaState>();

  constructor(options: RedactorOptions) {
    this.#markers = readMarkers(options);
    this.#onUnreadable = options.onUnreadableSchema;
  }

  state(schema: unknown): SchemaState {
    const key = typeof schema === "object" && schema !== null ? schema : undefined;
    const known = key === undefined ? undefined : this.#states.get(key);
    if (known !== undefined) return known;
    const state = this.#compile(schema);
    if (key !== undefined && isDeeplyFrozen(key)) this.#states.set(key, state);
    return state;
  }

  #compile(schema: unknown): SchemaState {
    let state = UNREADABLE;
    let isWhole = false;
    try {
      const root = readSchema(schema, this.#markers);
      isWhole = !hasUnreadable(root);
      state = new SchemaGraph().state([root]) ?? UNREADABLE;
    } catch {
      // Said below: a schema that cannot be read is no reason to fail, but one to redact everything.
    }
    if (!isWhole) this.#warn(schema);
    return state;
  }

  #warn(schema: unknown): void {
    try {
      this.#onUnreadable?.(schema);
    } catch {
      // A listener that fails does not make the value any safer to show.
    }
  }
}

function isDeeplyFrozen(root: object): boolean {
  const seen = new Set<object>([root]);
  for (const value of seen) {
    if (!Object.isFrozen(value)) return false;
    for (const member of Object.values(value) as unknown[])
      if (typeof member === "object" && member !== null) seen.add(member);
  }
  return true;
}

function flag(name: string, value: boolean | undefined, otherwise: boolean): boolean {
  if (value !== undefined && typeof value !== "boolean") throw new TypeError(`${name} must be a boolean`);
  return value ?? otherwise;
}

function within(name: string, value: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < 1 || value > most)
    throw new RangeError(`${name} must be an integer from 1 to ${most}, got ${String(value)}`);
  return value;
}
