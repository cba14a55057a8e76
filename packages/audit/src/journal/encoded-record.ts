import { sha256Hex } from "@symbiont/keys";
import {
  type AuditRecord,
  canonicalJson,
  type JsonObject,
  type JsonValue,
  quoteJsonString,
  SymbiontError,
} from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { MAX_RECORD_BYTES, OUTCOMES, RECORD_TYPE } from "../audit-limits.ts";

const CUT_STRINGS_OVER = 1_024;
/** One level less than a whole record may have. */
const MAX_DATA_DEPTH = 63;
/** Room for what is not known yet: hash, sequence, attempt, time, and the mark of a clamped clock. */
const OPEN_BYTES = 192;
/** What one UTF-16 unit takes in UTF-8 at most. */
const MOST_BYTES_OF_A_UNIT = 3;

/**
 * A record as canonical JSON but for its place in the journal: encoding is done when the record is accepted, and what
 * depends on the place goes between the parts in their alphabetical order.
 */
export interface EncodedRecord {
  readonly type: string;
  readonly outcome: AuditRecord["outcome"];
  /** Sequence of the attempt that this is the outcome of, or a token that stands for it. */
  readonly attempt: number | undefined;
  /** From the brace to `err`. */
  readonly beforeAttempt: string;
  /** From `out` to the quote of `prev`. */
  readonly beforePrevious: string;
  /** From the end of `prev` to the colon of `seq`. */
  readonly beforeSequence: string;
  /** From `trace` to the quote of `ts`. */
  readonly beforeTime: string;
  /** From the end of `ts` to the brace. */
  readonly end: string;
  /** About how many bytes it takes; never less than it does when that comes near to the most a record may have. */
  readonly bytes: number;
}

/** Where a record stands in the journal. */
export interface RecordPlace {
  readonly sequence: number;
  /** RFC 3339 UTC with milliseconds, never less than the previous record's. */
  readonly time: string;
  /** Set when the clock went backwards and `time` is the previous record's. */
  readonly clamped: boolean;
  /** Hex leaf hash of the previous record, or the genesis hash. */
  readonly previous: string;
  /** Sequence of the attempt that this is the outcome of. */
  readonly attempt: number | undefined;
}

/**
 * Encodes a record. Strings that make it too long are replaced by their length and digest.
 * @throws AuditError `AUDIT_RECORD_INVALID`, `AUDIT_RECORD_TOO_LARGE`
 */
export function encodeRecord(record: AuditRecord): EncodedRecord {
  // Whatever a reader would refuse must not be written: it would spoil the whole journal.
  if (typeof record !== "object" || record === null) throw invalid("it is not an object");
  if (typeof record.type !== "string" || !RECORD_TYPE.test(record.type))
    throw invalid("type is not of the form area.event");
  if (!OUTCOMES.has(record.outcome)) throw invalid("outcome is none of those there are");
  if (typeof record.actor !== "object" || record.actor === null) throw invalid("there is no actor");
  const { id, kind, key } = record.actor;
  if (typeof id !== "string" || typeof kind !== "string" || (key !== undefined && typeof key !== "string"))
    throw invalid("the actor's id, kind and key are not text");
  if (record.attempt !== undefined && !Number.isSafeInteger(record.attempt))
    throw invalid("attempt is not a sequence");
  const encoded = encode(record, record.data);
  if (encoded.bytes <= MAX_RECORD_BYTES) return encoded;
  const cut = record.data === undefined ? encoded : encode(record, cutStrings(record.data) as JsonObject);
  if (cut.bytes <= MAX_RECORD_BYTES) return cut;
  throw new AuditError("AUDIT_RECORD_TOO_LARGE", `record is larger than ${MAX_RECORD_BYTES} bytes`);
}

/** Encodes a record of a caller, who may not speak for the journal itself. @throws AuditError as {@link encodeRecord} */
export function encodeCallerRecord(record: AuditRecord): EncodedRecord {
  const encoded = encodeRecord(record);
  if (encoded.type.startsWith("journal."))
    throw invalid("types that begin with journal. are the journal's own");
  return encoded;
}

/** Writes the line of an encoded record at its place, without the newline. */
export function recordLine(encoded: EncodedRecord, place: RecordPlace): string {
  const of = place.attempt === undefined ? "" : `,"of":${place.attempt}`;
  const line =
    encoded.beforeAttempt +
    of +
    encoded.beforePrevious +
    place.previous +
    encoded.beforeSequence +
    place.sequence +
    encoded.beforeTime +
    place.time +
    encoded.end;
  return place.clamped ? markClamped(line) : line;
}

function encode(record: AuditRecord, data: JsonObject | undefined): EncodedRecord {
  const { actor, trace, type, outcome } = record;
  let beforeAttempt: string;
  let beforePrevious: string;
  let beforeSequence: string;
  let beforeTime: string;
  try {
    const act = record.action === undefined ? "" : `"act":${canonicalJson(record.action)},`;
    const key = actor.key === undefined ? "" : `,"key":${quoteJsonString(actor.key)}`;
    beforeAttempt = `{${act}"actor":{"id":${quoteJsonString(actor.id)}${key},"kind":${quoteJsonString(actor.kind)}}`;
    if (data !== undefined) beforeAttempt += `,"data":${canonicalJson(data, { maxDepth: MAX_DATA_DEPTH })}`;
    if (record.error !== undefined) beforeAttempt += `,"err":${canonicalJson(record.error)}`;
    const policy = record.policy === undefined ? "" : `,"pol":${canonicalJson(record.policy)}`;
    beforePrevious = `,"out":${quoteJsonString(outcome)}${policy},"prev":"`;
    const resource = record.resource === undefined ? "" : `,"res":${canonicalJson(record.resource)}`;
    beforeSequence = `"${resource},"seq":`;
    beforeTime =
      trace === undefined
        ? `,"ts":"`
        : `,"trace":${canonicalJson({ s: trace.spanId, t: trace.traceId })},"ts":"`;
  } catch (cause) {
    throw invalid(SymbiontError.is(cause) ? cause.message : "it is not plain data", cause);
  }
  const parts = [beforeAttempt, beforePrevious, beforeSequence, beforeTime];
  const units = beforeAttempt.length + beforePrevious.length + beforeSequence.length + beforeTime.length;
  // Counting bytes costs as much as a hash: where the most that it can be is allowed, nobody needs to know.
  const fits = units * MOST_BYTES_OF_A_UNIT + OPEN_BYTES <= MAX_RECORD_BYTES;
  const bytes = OPEN_BYTES + (fits ? units : parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0));
  const end = `","type":"${type}","v":1}`;
  return {
    type,
    outcome,
    attempt: record.attempt,
    beforeAttempt,
    beforePrevious,
    beforeSequence,
    beforeTime,
    end,
    bytes,
  };
}

function markClamped(line: string): string {
  const record = JSON.parse(line) as { data?: JsonObject }; // our own text
  return canonicalJson({ ...record, data: { ...record.data, clock: "clamped" } });
}

function cutStrings(value: JsonValue): JsonValue {
  if (typeof value === "string") {
    return value.length <= CUT_STRINGS_OVER
      ? value
      : { trunc: true, sha256: sha256Hex(value), len: value.length };
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cutStrings);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cutStrings(member)]));
}

function invalid(message: string, cause?: unknown): AuditError {
  return new AuditError("AUDIT_RECORD_INVALID", `record is not valid: ${message}`, { cause });
}
