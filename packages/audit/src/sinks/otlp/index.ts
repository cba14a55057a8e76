import { toOtelLogRecord } from "../../mappings/otel-log-record.ts";
import type { RecordSink } from "../../shipping/record-sink.ts";
import { type SinkFetch, sendRequest } from "../../shipping/sink-fetch.ts";

/** Which collector is spoken to. */
export interface OtlpSinkOptions {
  /** The logs endpoint, for example `http://localhost:4318/v1/logs`. */
  readonly url: string;
  readonly fetch: SinkFetch;
  /** Sent with every request. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The resource's `service.name`. Default `"audit"`. */
  readonly serviceName?: string;
  /** Default `"otlp"`. */
  readonly name?: string;
}

/** Sends the records as OpenTelemetry logs, in JSON over HTTP. @see https://opentelemetry.io/docs/specs/otlp/ */
export function otlpSink(options: OtlpSinkOptions): RecordSink {
  const { url, fetch, headers = {}, serviceName = "audit", name = "otlp" } = options;
  const resource = { attributes: [{ key: "service.name", value: { stringValue: serviceName } }] };
  return {
    name,
    send: async (records, signal) => {
      const logRecords = records.map(toOtelLogRecord);
      const scopeLogs = [{ scope: { name: "@symbiont/audit" }, logRecords }];
      await sendRequest(fetch, url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs }] }),
        signal,
      });
    },
  };
}
