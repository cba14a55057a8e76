import { sha256Hex } from "@symbiont/keys";
import type { RecordSink } from "../../shipping/record-sink.ts";
import { type SinkFetch, sendRequest } from "../../shipping/sink-fetch.ts";

/** Where objects are put. */
export interface S3SinkOptions {
  /** The bucket and a prefix, for example `https://s3.eu-central-1.amazonaws.com/bucket/audit`. */
  readonly url: string;
  /** Signs and sends, for example `client.fetch` of an `AwsClient` of aws4fetch. */
  readonly fetch: SinkFetch;
  /** Sent with every object, for example `x-amz-object-lock-mode`. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `"s3"`. */
  readonly name?: string;
}

const PRECONDITION_FAILED = 412;

/**
 * Puts each batch as an object of JSON lines, named after its first and last sequence and its hash, and never over one
 * that is there. Any server that speaks S3 and knows `If-None-Match` on PUT will do.
 */
export function s3Sink({ url, fetch, headers = {}, name = "s3" }: S3SinkOptions): RecordSink {
  const prefix = url.replace(/\/$/, "");
  return {
    name,
    send: async (records, signal) => {
      const body = records.map(({ line }) => `${line}\n`).join("");
      const [first, last] = [records.at(0), records.at(-1)].map((record) => digits(record?.sequence ?? 0));
      await sendRequest(fetch, `${prefix}/${first}-${last}-${sha256Hex(body).slice(0, 16)}.jsonl`, {
        method: "PUT",
        headers: { ...headers, "content-type": "application/x-ndjson", "if-none-match": "*" },
        body,
        signal,
        // The name holds the hash: what is there already is what we would put.
        accepted: (status) => (status >= 200 && status <= 299) || status === PRECONDITION_FAILED,
      });
    },
  };
}

function digits(sequence: number): string {
  return String(sequence).padStart(16, "0");
}
