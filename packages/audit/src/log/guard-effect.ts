import { type AuditReceipt, type AuditRecord, type AuditSink, SymbiontError } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";

/** What is going to happen, without how it ends. */
export type GuardedRecord = Omit<AuditRecord, "outcome" | "attempt">;

const WORD = /^[\w.-]{1,64}$/;

/** Records an attempt, runs the effect, records the outcome; see `AuditLog.guard`. */
export async function guardEffect<T>(
  sink: AuditSink,
  record: GuardedRecord,
  effect: (attempt: AuditReceipt) => T | Promise<T>,
): Promise<T> {
  const receipt = await sink.append({ ...record, outcome: "attempt" });
  const { data: _, ...about } = record;
  const attempt = receipt.sequence;
  let result: T;
  try {
    result = await effect(receipt);
  } catch (error) {
    const failure = { ...about, outcome: "failure", attempt, error: nameOf(error) } as const;
    try {
      await sink.append(failure);
    } catch (unrecorded) {
      const errors = [error, asAuditError(unrecorded)];
      const message = "the effect failed, and that could not be recorded";
      throw new AggregateError(errors, message, { cause: unrecorded });
    }
    throw error;
  }
  try {
    await sink.append({ ...about, outcome: "success", attempt });
  } catch (cause) {
    const message = "the effect was completed, but its outcome could not be recorded";
    throw new AuditError("AUDIT_OUTCOME_UNRECORDED", message, {
      cause,
      record: attempt,
      effectCompleted: true,
    });
  }
  return result;
}

/** A foreign error without its message, which may hold anything; its name and code only where they are words. */
export function nameOf(error: unknown): NonNullable<AuditRecord["error"]> {
  try {
    const name = error instanceof Error ? error.name : typeof error;
    const code = SymbiontError.is(error) ? error.code : "EFFECT_FAILED";
    if (WORD.test(name) && WORD.test(code)) return { name, code };
  } catch {
    // Even a name can be a getter that throws.
  }
  return { name: "Error", code: "EFFECT_FAILED" };
}
