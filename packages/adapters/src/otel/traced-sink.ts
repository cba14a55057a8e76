import type { AuditRecord, AuditSink } from "@symbiont/kit";

/** The part of a span that is used. Structural, so no host package is imported. */
export interface OtelSpan {
  spanContext(): { readonly traceId: string; readonly spanId: string };
  setStatus(status: { code: number; message?: string }): unknown;
  setAttribute(name: string, value: string | string[]): unknown;
  end(): void;
}

/** `Tracer` of `@opentelemetry/api`. */
export interface OtelTracer {
  startSpan(name: string, options: { kind: number; attributes: Record<string, string | string[]> }): OtelSpan;
}

/** `Meter` of `@opentelemetry/api`. */
export interface OtelMeter {
  createHistogram(
    name: string,
    options: { unit: string; description: string },
  ): { record(value: number, attributes: Record<string, string>): void };
}

/** Where the telemetry goes. */
export interface TracedSinkOptions {
  readonly tracer: OtelTracer;
  /** Gets the histogram `symbiont.tool_call.duration`, in seconds. Default none. */
  readonly meter?: OtelMeter;
  /** Most calls that may be open at one time; the oldest span is then ended as it is. Default 10,000. */
  readonly maxOpen?: number;
}

// The conventions for generative AI are published as text only; these are the names of their version 1.41.
const OPERATION = "gen_ai.operation.name";
const TOOL = "gen_ai.tool.name";
const CALL = "gen_ai.tool.call.id";
const AGENT = "gen_ai.agent.id";
const ERROR = "error.type";
const RULE = "security_rule.name";
const INTERNAL = 0;
const STATUS_ERROR = 2;
const PREFIX = "tool_call::";

/**
 * Puts spans beside the audit records of tool calls: one `execute_tool NAME` for each, from the intent to the outcome,
 * or for a refusal alone, under the span that is active when the call is judged. The intent's record gets the ids of
 * its span. Arguments and results are on no span.
 *
 * Telemetry that fails disturbs nothing: records go to `sink` as they would without it.
 */
export function tracedSink(
  sink: AuditSink,
  { tracer, meter, maxOpen = 10_000 }: TracedSinkOptions,
): AuditSink {
  const open = new Map<
    number,
    { readonly span: OtelSpan; readonly startMs: number; readonly tool: string }
  >();
  const duration = quietly(() =>
    meter?.createHistogram("symbiont.tool_call.duration", {
      unit: "s",
      description: "From intent to outcome",
    }),
  );

  return {
    async append(record) {
      const tool = toolOf(record);
      if (tool === undefined) return sink.append(record);
      if (record.outcome === "attempt") {
        const span = quietly(() =>
          tracer.startSpan(`execute_tool ${tool}`, {
            kind: INTERNAL,
            attributes: attributesOf(record, tool),
          }),
        );
        const { traceId, spanId } = quietly(() => span?.spanContext()) ?? {};
        const traced =
          traceId === undefined || spanId === undefined ? record : { ...record, trace: { traceId, spanId } };
        try {
          const receipt = await sink.append(traced);
          if (span !== undefined) remember(receipt.sequence, span, tool);
          return receipt;
        } catch (error) {
          quietly(() => fail(span, "GATE_AUDIT_UNAVAILABLE"));
          throw error;
        }
      }
      const receipt = await sink.append(record);
      quietly(() => settle(record, tool));
      return receipt;
    },
  };

  function remember(sequence: number, span: OtelSpan, tool: string): void {
    open.set(sequence, { span, tool, startMs: performance.now() });
    if (open.size <= maxOpen) return;
    const [oldest] = open.entries();
    if (oldest === undefined) return;
    open.delete(oldest[0]);
    quietly(() => oldest[1].span.end());
  }

  function settle(record: AuditRecord, tool: string): void {
    const begun = record.attempt === undefined ? undefined : open.get(record.attempt);
    if (record.attempt !== undefined) open.delete(record.attempt);
    const span =
      begun?.span ??
      tracer.startSpan(`execute_tool ${tool}`, { kind: INTERNAL, attributes: attributesOf(record, tool) });
    const code = record.error?.code;
    if (record.outcome === "success") span.end();
    else fail(span, code ?? record.outcome);
    if (begun === undefined) return;
    duration?.record((performance.now() - begun.startMs) / 1000, {
      [TOOL]: tool,
      ...(code === undefined ? {} : { [ERROR]: code }),
    });
  }
}

function fail(span: OtelSpan | undefined, code: string): void {
  span?.setAttribute(ERROR, code);
  span?.setStatus({ code: STATUS_ERROR, message: code });
  span?.end();
}

function attributesOf({ actor, data, policy }: AuditRecord, tool: string): Record<string, string | string[]> {
  const call = data?.["call"];
  return {
    [OPERATION]: "execute_tool",
    [TOOL]: tool,
    ...(actor.kind === "agent" ? { [AGENT]: actor.id } : {}),
    ...(typeof call === "string" ? { [CALL]: call } : {}),
    ...(policy === undefined ? {} : { [RULE]: [...policy.rules] }),
  };
}

function toolOf({ type, action }: AuditRecord): string | undefined {
  return type === "tool.call" && action?.startsWith(PREFIX) === true
    ? action.slice(PREFIX.length)
    : undefined;
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
