import { type AuditRecord, canonicalJson, type JsonObject } from "@symbiont/kit";
import { MAX_RECORD_BYTES } from "../audit-limits.ts";
import { DATA_FORMS, fittingData } from "../record/fitting-data.ts";
import { type PartForm, SHORT, WHOLE, writtenParts } from "../record/part-forms.ts";
import { invalidRecord, type RecordParts, recordParts } from "../record/record-parts.ts";

/** Room for what comes last: hash, sequence, attempt, time, type, and the mark of a clamped clock. At most 236. */
const OPEN_BYTES = 256;
/** What one UTF-16 unit takes in UTF-8 at most. */
const MOST_BYTES_OF_A_UNIT = 3;
const NUL = 0;

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
 * Encodes a record. What JSON cannot carry is written as what comes closest, and what makes it too long is replaced by its
 * length and digest: whatever data a record has, it can be kept.
 * @throws AuditError `AUDIT_RECORD_INVALID`
 */
export function encodeRecord(record: AuditRecord): EncodedRecord {
  const parts = recordParts(record);
  for (const form of DATA_FORMS) {
    const data = parts.data === undefined ? "" : fittingData(parts.data, form);
    if (data === undefined) continue;
    const encoded = encode(parts, data, form === "whole" || form === "short strings" ? WHOLE : SHORT);
    if (encoded !== undefined && encoded.bytes <= MAX_RECORD_BYTES) return encoded;
  }
  throw invalidRecord("it is too large"); // never: the last form always fits
}

/** Encodes a record of a caller, who may not speak for the journal itself. @throws AuditError as {@link encodeRecord} */
export function encodeCallerRecord(record: AuditRecord): EncodedRecord {
  const encoded = encodeRecord(record);
  if (encoded.type.startsWith("journal."))
    throw invalidRecord("types that begin with journal. are the journal's own");
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

function encode(record: RecordParts, data: string, form: PartForm): EncodedRecord | undefined {
  const { type, outcome, attempt } = record;
  const written = writtenParts(record, form);
  if (written === undefined) return undefined;
  const { act, id, key, kind, err, pol, res, trace } = written;
  const before = act === undefined ? "{" : `{"act":${act},`;
  const actorKey = key === undefined ? "" : `,"key":${key}`;
  let beforeAttempt = `${before}"actor":{"id":${id}${actorKey},"kind":${kind}}`;
  if (data !== "") beforeAttempt += `,"data":${data}`;
  if (err !== undefined) beforeAttempt += `,"err":${err}`;
  const beforePrevious =
    pol === undefined ? `,"out":"${outcome}","prev":"` : `,"out":"${outcome}","pol":${pol},"prev":"`;
  const beforeSequence = res === undefined ? '","seq":' : `","res":${res},"seq":`;
  const beforeTime = trace === undefined ? ',"ts":"' : `,"trace":${trace},"ts":"`;
  const units = beforeAttempt.length + beforePrevious.length + beforeSequence.length + beforeTime.length;
  // Counting bytes costs as much as a hash: where the most that it can be is allowed, nobody needs to know.
  const fits = units * MOST_BYTES_OF_A_UNIT + OPEN_BYTES <= MAX_RECORD_BYTES;
  const bytes = fits ? units : byteLength(beforeAttempt, beforePrevious, beforeSequence, beforeTime);
  const end = `","type":"${type}","v":1}`;
  return {
    type,
    outcome,
    attempt,
    beforeAttempt: inOnePiece(beforeAttempt),
    beforePrevious: inOnePiece(beforePrevious),
    beforeSequence,
    beforeTime,
    end,
    bytes: OPEN_BYTES + bytes,
  };
}

function byteLength(...parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
}

/**
 * A text that was put together is a tree of its parts until one of its letters is looked at. While it waits for the disk, a
 * hundred small things take the collector of garbage longer than one.
 */
function inOnePiece(text: string): string {
  return text.charCodeAt(0) === NUL ? "" : text;
}

function markClamped(line: string): string {
  const record = JSON.parse(line) as { data?: JsonObject }; // our own text
  return canonicalJson({ ...record, data: { ...record.data, clock: "clamped" } });
}
