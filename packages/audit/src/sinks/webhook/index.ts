import type { RecordSink } from "../../shipping/record-sink.ts";
import { type SinkFetch, sendRequest } from "../../shipping/sink-fetch.ts";

/** Where records are posted. */
export interface WebhookSinkOptions {
  readonly url: string;
  readonly fetch: SinkFetch;
  /** Sent with every request, for example an authorization. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `"webhook"`. */
  readonly name?: string;
}

/** Posts each batch as JSON lines `{"origin", "leaf", "record"}`; any answer but 2xx means that it was not taken. */
export function webhookSink({ url, fetch, headers = {}, name = "webhook" }: WebhookSinkOptions): RecordSink {
  return {
    name,
    send: async (records, signal) => {
      const lines = records.map(
        ({ origin, leaf, line }) =>
          `{"leaf":"${leaf}","origin":${JSON.stringify(origin)},"record":${line}}\n`,
      );
      const type = { "content-type": "application/x-ndjson" };
      await sendRequest(fetch, url, {
        method: "POST",
        headers: { ...headers, ...type },
        body: lines.join(""),
        signal,
      });
    },
  };
}
