import type { AuditRecord } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { OUTCOMES, RECORD_TYPE } from "../audit-limits.ts";

/** The members of a caller's record, each read once. */
export interface RecordParts {
  readonly type: string;
  readonly outcome: AuditRecord["outcome"];
  readonly attempt: number | undefined;
  readonly actor: { readonly id: string; readonly kind: string; readonly key: string | undefined };
  readonly action: unknown;
  readonly resource: unknown;
  readonly policy: unknown;
  readonly error: unknown;
  readonly trace: { readonly traceId?: unknown; readonly spanId?: unknown } | undefined;
  readonly data: unknown;
}

/**
 * Reads a record once, so that what is checked is what is written, and refuses one that has no place in a journal: whatever
 * a reader would refuse must not be written, for it would spoil the whole journal.
 * @throws AuditError `AUDIT_RECORD_INVALID`
 */
export function recordParts(record: AuditRecord): RecordParts {
  try {
    if (typeof record !== "object" || record === null) throw invalidRecord("it is not an object");
    const { type, outcome, actor, action, resource, attempt, policy, error, trace, data } = record;
    if (typeof type !== "string" || !RECORD_TYPE.test(type))
      throw invalidRecord("type is not of the form area.event");
    if (!OUTCOMES.has(outcome)) throw invalidRecord("outcome is none of those there are");
    if (typeof actor !== "object" || actor === null) throw invalidRecord("there is no actor");
    const { id, kind, key } = actor;
    if (typeof id !== "string" || typeof kind !== "string" || (key !== undefined && typeof key !== "string"))
      throw invalidRecord("the actor's id, kind and key are not text");
    if (attempt !== undefined && !Number.isSafeInteger(attempt))
      throw invalidRecord("attempt is not a sequence");
    const { traceId, spanId } = trace ?? {};
    return {
      type,
      outcome,
      attempt,
      actor: { id, kind, key },
      action,
      resource,
      policy,
      error,
      trace: trace === undefined ? undefined : { traceId, spanId },
      data,
    };
  } catch (cause) {
    if (AuditError.is(cause)) throw cause;
    throw invalidRecord("it cannot be read", cause);
  }
}

/** What cannot be recorded. */
export function invalidRecord(message: string, cause?: unknown): AuditError {
  return new AuditError("AUDIT_RECORD_INVALID", `record is not valid: ${message}`, { cause });
}
