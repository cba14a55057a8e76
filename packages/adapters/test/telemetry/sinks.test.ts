import { trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { tracedSink } from "@symbiont/adapters/otel";
import { loggedSink } from "@symbiont/adapters/pino";
import type { AuditRecord, AuditSink } from "@symbiont/kit";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { openGate } from "../open-gate.ts";

function memorySink(): { sink: AuditSink; records: AuditRecord[] } {
  const records: AuditRecord[] = [];
  return { records, sink: { append: async (record) => ({ sequence: records.push(record) - 1 }) } };
}

/** A gate with one verified tool, over the given sink, and a call of it. */
async function callOnce(audit: AuditSink, tool = "read", effect: () => unknown = () => "content") {
  const { gate } = openGate({ audit });
  await gate.verifyTools([{ name: tool, inputSchema: { type: "object" } }], "own");
  return gate.run({ id: "c-1", server: "own", tool, arguments: {} }, effect);
}

function telemetry() {
  const spans = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer(
    "test",
  );
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics });
  const meter = new MeterProvider({ readers: [reader] }).getMeter("test");
  return { tracer, meter, spans, metrics, reader };
}

describe("spans of tool calls", () => {
  test("one from the intent to the outcome, whose ids are in the record", async () => {
    const { sink, records } = memorySink();
    const { tracer, meter, spans, metrics, reader } = telemetry();
    await callOnce(tracedSink(sink, { tracer, meter }));
    const [span] = spans.getFinishedSpans();
    expect(spans.getFinishedSpans()).toHaveLength(1);
    expect(span).toMatchObject({
      name: "execute_tool read",
      attributes: {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.call.id": "c-1",
        "gen_ai.agent.id": "a-1",
      },
    });
    expect(records[0]?.trace).toEqual({
      traceId: span?.spanContext().traceId,
      spanId: span?.spanContext().spanId,
    });
    await reader.forceFlush();
    expect(metrics.getMetrics()[0]?.scopeMetrics[0]?.metrics[0]?.descriptor.name).toBe(
      "symbiont.tool_call.duration",
    );
  });

  test("a refusal and a failure have their code, and no arguments are on any span", async () => {
    const { sink } = memorySink();
    const { tracer, spans } = telemetry();
    const traced = tracedSink(sink, { tracer });
    await callOnce(traced, "forbidden");
    await expect(
      callOnce(traced, "read", () => {
        throw new Error("sk-secret");
      }),
    ).rejects.toThrow();
    const [refused, failed] = spans.getFinishedSpans();
    expect(refused).toMatchObject({ attributes: { "error.type": "deny.rule" }, status: { code: 2 } });
    expect(failed?.status.code).toBe(2);
    expect(
      JSON.stringify(spans.getFinishedSpans().map(({ attributes, status }) => [attributes, status])),
    ).not.toContain("sk-secret");
  });

  test("a tracer that fails disturbs nothing", async () => {
    const { sink, records } = memorySink();
    const broken = {
      startSpan: () => {
        throw new Error("no exporter");
      },
    };
    expect(await callOnce(tracedSink(sink, { tracer: broken }))).toMatchObject({ denied: false });
    expect(records).toHaveLength(2);
  });

  test("a sink that fails still fails, and its span is ended", async () => {
    const { tracer, spans } = telemetry();
    const sink: AuditSink = {
      append: async () => {
        throw new Error("disk full");
      },
    };
    expect(await callOnce(tracedSink(sink, { tracer }))).toMatchObject({ code: "GATE_AUDIT_UNAVAILABLE" });
    expect(spans.getFinishedSpans()[0]?.status.code).toBe(2);
  });

  test("calls that never end do not fill the memory", async () => {
    const { sink } = memorySink();
    const { tracer, spans } = telemetry();
    const traced = tracedSink(sink, { tracer, maxOpen: 2 });
    const attempt = {
      type: "tool.call",
      outcome: "attempt",
      actor: { kind: "agent", id: "a" },
      action: "tool_call::t",
    } as const;
    for (let count = 0; count < 5; count += 1) await traced.append(attempt);
    expect(spans.getFinishedSpans()).toHaveLength(3);
  });

  test("works with the API's own tracer when nothing is set up", async () => {
    const { sink, records } = memorySink();
    await callOnce(tracedSink(sink, { tracer: trace.getTracer("none") }));
    expect(records).toHaveLength(2);
  });
});

describe("log lines of audit records", () => {
  function logger() {
    const lines: { level: number; msg: string; sequence?: number }[] = [];
    const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    return { lines, log };
  }

  test("come once the record is in the journal, with its sequence", async () => {
    const { sink } = memorySink();
    const { lines, log } = logger();
    await callOnce(loggedSink(sink, log));
    await callOnce(loggedSink(sink, log), "forbidden");
    expect(lines.map(({ level, msg, sequence }) => [level, msg, sequence])).toEqual([
      [20, "tool_call::read attempt", 0],
      [30, "tool_call::read success", 1],
      [40, "tool_call::forbidden denied", 2],
    ]);
  });

  test("say when a record is not in the journal; the error goes on", async () => {
    const { lines, log } = logger();
    const sink: AuditSink = {
      append: async () => {
        throw new Error("disk full");
      },
    };
    expect(await callOnce(loggedSink(sink, log))).toMatchObject({ code: "GATE_AUDIT_UNAVAILABLE" });
    expect(lines[0]).toMatchObject({ level: 50, msg: "not in the journal: tool_call::read attempt" });
  });

  test("a logger that fails disturbs nothing", async () => {
    const { sink } = memorySink();
    const broken = () => {
      throw new Error("stream closed");
    };
    const log = { debug: broken, info: broken, warn: broken, error: broken };
    expect(await callOnce(loggedSink(sink, log))).toMatchObject({ denied: false });
  });
});

test("a choice of level that throws disturbs nothing", async () => {
  const { sink, records } = memorySink();
  const lines: unknown[] = [];
  const log = (record: object): void => void lines.push(record);
  const logger = { debug: log, info: log, warn: log, error: log };
  const level = (): never => {
    throw new Error("no level");
  };
  expect(await callOnce(loggedSink(sink, logger, { level }))).toEqual({ denied: false, value: "content" });
  expect(records.map(({ outcome }) => outcome)).toEqual(["attempt", "success"]);
});
