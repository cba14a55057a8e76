import { type SinkFetch, sendRequest } from "../shipping/sink-fetch.ts";
import type { AnchorStore } from "./anchor.ts";

/** Where checkpoints are sent. */
export interface WebhookAnchorOptions {
  readonly url: string;
  readonly fetch: SinkFetch;
  /** Sent with every request, for example an authorization. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest time for one request, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
}

/** Sends each checkpoint as the text of a POST request; any answer but 2xx means that it is not kept. */
export function webhookAnchor(options: WebhookAnchorOptions): AnchorStore {
  const { url, fetch, headers = {}, timeoutMs = 5_000 } = options;
  return {
    keep: async (note) => {
      await sendRequest(fetch, url, {
        method: "POST",
        headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
        body: note,
        signal: AbortSignal.timeout(timeoutMs),
      });
    },
  };
}
