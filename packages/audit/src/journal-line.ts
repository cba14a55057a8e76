import { sha256Hex } from "@symbiont/keys";
import {
  type AuditRecord,
  canonicalJson,
  encodeUtf8,
  type JsonObject,
  type JsonValue,
  SymbiontError,
} from "@symbiont/kit";
import { unavailable } from "./as-audit-error.ts";
import { AuditError } from "./audit-error.ts";

/** Most bytes of one record; one less than 64 KiB, so that records fit the entry bundles of C2SP tiles. */
export const MAX_RECORD_BYTES = 65_535;

/** How a record may have ended. */
export const OUTCOMES: ReadonlySet<unknown> = new Set(["attempt", "success", "failure", "denied", "info"]);

const CUT_STRINGS_OVER = 1_024;
/** Year 9999: later times have another form, which no reader takes. */
const LATEST_TIME = 253_402_300_799_999;
const RECORD_TYPE = /^[a-z0-9_.]{1,64}$/;

/** Where a record stands in the journal. */
export interface LinePosition {
  readonly sequence: number;
  /** Epoch milliseconds, never less than the previous record's. */
  readonly time: number;
  /** Set when the clock went backwards and `time` is the previous record's. */
  readonly clamped: boolean;
  /** Hex leaf hash of the previous record, or the genesis hash. */
  readonly previous: string;
}

/**
 * Writes a record as its canonical line, without the newline. Strings that make it too long are replaced by their
 * length and digest.
 * @throws AuditError `AUDIT_RECORD_INVALID`, `AUDIT_RECORD_TOO_LARGE`; `AUDIT_UNAVAILABLE` when the time cannot be
 * written.
 */
export function journalLine(record: AuditRecord, position: LinePosition): Uint8Array {
  // Whatever a reader would refuse must not be written: it would spoil the whole journal.
  if (!(position.time >= 0 && position.time <= LATEST_TIME))
    throw unavailable("the clock tells no time that can be recorded");
  if (typeof record !== "object" || record === null) throw invalid("it is not an object");
  if (typeof record.type !== "string" || !RECORD_TYPE.test(record.type))
    throw invalid("type is not of the form area.event");
  if (!OUTCOMES.has(record.outcome)) throw invalid("outcome is none of those there are");
  if (typeof record.actor !== "object" || record.actor === null) throw invalid("there is no actor");
  const line = encode(record, position, record.data);
  if (line.length <= MAX_RECORD_BYTES) return line;
  const cut = encode(
    record,
    position,
    record.data === undefined ? undefined : (cutStrings(record.data) as JsonObject),
  );
  if (cut.length <= MAX_RECORD_BYTES) return cut;
  throw new AuditError("AUDIT_RECORD_TOO_LARGE", `record is larger than ${MAX_RECORD_BYTES} bytes`);
}

function encode(record: AuditRecord, position: LinePosition, data: JsonObject | undefined): Uint8Array {
  const { trace, actor } = record;
  const fields = {
    v: 1,
    seq: position.sequence,
    ts: new Date(position.time).toISOString(),
    prev: position.previous,
    type: record.type,
    out: record.outcome,
    actor: { kind: actor.kind, id: actor.id, key: actor.key },
    act: record.action,
    res: record.resource,
    of: record.attempt,
    pol: record.policy,
    err: record.error,
    trace: trace === undefined ? undefined : { t: trace.traceId, s: trace.spanId },
    data: position.clamped ? { ...data, clock: "clamped" } : data,
  };
  try {
    return encodeUtf8(canonicalJson(fields));
  } catch (cause) {
    throw invalid(SymbiontError.is(cause) ? cause.message : "it is not plain data", cause);
  }
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
