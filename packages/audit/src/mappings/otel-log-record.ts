import type { JsonObject } from "@symbiont/kit";
import type { JournalRecord } from "../read/journal-records.ts";

const INFO = 9;
const WARN = 13;
const ERROR = 17;
const SEVERITIES: ReadonlyMap<unknown, readonly [number, string]> = new Map([
  ["denied", [WARN, "WARN"]],
  ["failure", [ERROR, "ERROR"]],
]);

/**
 * A record as a log record of the OpenTelemetry protocol's JSON: its canonical text as the body, its place and hashes
 * and who did what as attributes.
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
 */
export function toOtelLogRecord({ origin, sequence, leaf, line, record }: JournalRecord): JsonObject {
  const { ts, type, out, actor, act, res, trace } = record;
  const [severityNumber, severityText] = SEVERITIES.get(out) ?? [INFO, "INFO"];
  const attributes: [string, unknown][] = [
    ["audit.origin", origin],
    ["audit.leaf", leaf],
    ["audit.outcome", out],
    ["audit.actor.kind", member(actor, "kind")],
    ["audit.actor.id", member(actor, "id")],
    ["audit.action", act],
    ["audit.resource.kind", member(res, "kind")],
    ["audit.resource.id", member(res, "id")],
  ];
  const named = attributes.filter((pair): pair is [string, string] => typeof pair[1] === "string");
  const traceId = hexId(member(trace, "t"), 32);
  const spanId = hexId(member(trace, "s"), 16);
  const time = `${Date.parse(ts as string)}000000`;
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber,
    severityText,
    eventName: type ?? "",
    body: { stringValue: line },
    attributes: [
      ...named.map(([key, value]) => ({ key, value: { stringValue: value } })),
      { key: "audit.sequence", value: { intValue: String(sequence) } },
    ],
    ...(traceId === undefined ? {} : { traceId }),
    ...(spanId === undefined ? {} : { spanId }),
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as JsonObject)[name] : undefined;
}

/** A collector refuses the whole batch for one id of another form. */
function hexId(value: unknown, length: number): string | undefined {
  return typeof value === "string" && value.length === length && /^[0-9a-f]+$/.test(value)
    ? value
    : undefined;
}
