import {
  canonicalJson,
  decodeUtf8,
  type JsonObject,
  type JsonValue,
  KitError,
  parseJson,
} from "@symbiont/kit";
import { SchemaPinError } from "./schemapin-error.ts";

/** Payload type of the envelope of a statement. */
export const STATEMENT_TYPE = "application/vnd.schemapin.statement.v2+json";

/** A file of a signed folder. */
export interface StatementFile {
  /** Relative, with `/`, sorted by UTF-8 bytes. */
  readonly path: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Whether it may be executed. */
  readonly x: boolean;
}

interface StatementMembers {
  readonly v: 2;
  readonly domain: string;
  readonly name: string;
  readonly version?: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`, as is `expires_at`. */
  readonly issued_at: string;
  readonly expires_at?: string;
  /** `sha256:<hex>` of the payload of the statement before this one. */
  readonly previous?: string;
}

/** What a publisher says about a tool or a skill. All of it is signed. */
export type Statement =
  | (StatementMembers & { readonly kind: "tool"; readonly tool: JsonObject })
  | (StatementMembers & { readonly kind: "skill"; readonly files: readonly StatementFile[] });

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const HASH = /^sha256:[0-9a-f]{64}$/;
const HEX = /^[0-9a-f]{64}$/;
const MAX_BYTES = 4 << 20;

/**
 * Writes a statement as the bytes that are signed: RFC 8785 JSON.
 * @throws SchemaPinError `SCHEMAPIN_STATEMENT_INVALID`
 */
export function writeStatement(statement: Statement): string {
  try {
    const text = canonicalJson(statement, { undefinedMembers: "refuse" });
    readMembers(parseJson(text, { maxBytes: MAX_BYTES, reservedNames: [] }));
    return text;
  } catch (cause) {
    throw asInvalid(cause);
  }
}

/**
 * Reads signed bytes. They must be their own canonical form: of two texts that say the same only one is a statement.
 * @throws SchemaPinError `SCHEMAPIN_STATEMENT_INVALID`
 */
export function parseStatement(payload: Uint8Array): Statement {
  try {
    const value = parseJson(payload, { maxBytes: MAX_BYTES, reservedNames: [] });
    if (canonicalJson(value) !== decodeUtf8(payload)) throw invalid("it is not in canonical form");
    return readMembers(value);
  } catch (cause) {
    throw asInvalid(cause);
  }
}

/** The instant of a statement in epoch milliseconds; undefined when it is none. */
export function statementInstant(text: unknown): number | undefined {
  if (typeof text !== "string" || !INSTANT.test(text)) return undefined;
  const value = Date.parse(text);
  // Date.parse accepts some days that do not exist.
  return !Number.isNaN(value) && new Date(value).toISOString() === text.replace("Z", ".000Z")
    ? value
    : undefined;
}

function readMembers(value: JsonValue): Statement {
  if (!isObject(value)) throw invalid("it is not an object");
  const { v, kind, domain, name, version, issued_at, expires_at, previous, ...content } = value;
  const sound =
    v === 2 &&
    isText(domain) &&
    isText(name) &&
    (version === undefined || isText(version)) &&
    statementInstant(issued_at) !== undefined &&
    (expires_at === undefined || statementInstant(expires_at) !== undefined) &&
    (previous === undefined || (typeof previous === "string" && HASH.test(previous)));
  if (!sound) throw invalid("a member is missing or malformed");
  const { tool, files, ...unknown } = content;
  if (Object.keys(unknown).length > 0) throw invalid("a member is unknown");
  const isTool = kind === "tool" && isObject(tool) && files === undefined;
  const isSkill = kind === "skill" && Array.isArray(files) && tool === undefined && areFiles(files);
  if (!isTool && !isSkill) throw invalid("its content is malformed");
  if (isTool && tool["name"] !== name) throw invalid("it names another tool than it describes");
  return value as unknown as Statement;
}

function areFiles(files: readonly unknown[]): boolean {
  return files.every((file) => {
    if (!isObject(file)) return false;
    const { path, sha256, size, x, ...unknown } = file;
    return (
      Object.keys(unknown).length === 0 &&
      isText(path) &&
      typeof sha256 === "string" &&
      HEX.test(sha256) &&
      Number.isSafeInteger(size) &&
      Number(size) >= 0 &&
      typeof x === "boolean"
    );
  });
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_STATEMENT_INVALID", `statement is not valid: ${why}`, { cause });
}

function asInvalid(cause: unknown): unknown {
  return KitError.is(cause) ? invalid(cause.message, cause) : cause;
}
