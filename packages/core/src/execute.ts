import type { AuditSink, JsonObject } from "@symbiont/kit";
import { outcomeRecord } from "./audit-record.ts";
import { withDeadline } from "./deadline.ts";
import { isDenied } from "./denial.ts";
import { GateError } from "./gate-error.ts";
import type { Authorized, Settled } from "./stage.ts";

/** What runs when a call is authorized. It gets the frozen arguments that were judged, never the original ones. */
export type Effect<T> = (call: {
  readonly id: string;
  readonly server: string;
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly signal?: AbortSignal;
}) => T | Promise<T>;

/**
 * Stage five: runs the tool and puts the outcome on record.
 *
 * @throws GateError `GATE_OUTCOME_NOT_RECORDED` with `effectCompleted: true` when the tool ran and the sink could
 * not record it: the result is withheld. When the tool threw as well, an `AggregateError` of both, its error first.
 */
export async function execute<T>(
  audit: AuditSink,
  auditTimeoutMs: number,
  call: Authorized,
  effect: Effect<T>,
): Promise<Settled<T>> {
  const { id, server, signal } = call.call;
  const start = performance.now();
  let result:
    | { readonly status: "returned"; readonly value: T }
    | { readonly status: "threw"; readonly error: unknown };
  try {
    signal?.throwIfAborted();
    const value = await effect({
      id,
      server,
      tool: call.tool.definition.name,
      arguments: call.arguments,
      ...(signal === undefined ? {} : { signal }),
    });
    result = { status: "returned", value };
  } catch (error) {
    result = { status: "threw", error };
  }
  const failure = result.status === "threw" ? { error: result.error } : undefined;
  const record = outcomeRecord(call, performance.now() - start, failure);
  let cause: unknown;
  const receipt = await withDeadline({ name: "audit", timeoutMs: auditTimeoutMs }, async () =>
    audit.append(record).catch((error: unknown) => {
      cause = error;
      throw error;
    }),
  );
  if (!isDenied(receipt)) return { denied: false, ...result, outcome: receipt.sequence };
  const error = new GateError(
    "GATE_OUTCOME_NOT_RECORDED",
    "the tool ran, but its outcome could not be recorded",
    {
      cause,
      effectCompleted: true,
    },
  );
  throw failure === undefined ? error : new AggregateError([failure.error, error], error.message);
}
