import type { AnchorStore } from "./anchor.ts";

/** What is needed to send a request: the global `fetch`, or a guarded one. */
export type AnchorFetch = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly status: number }>;

/** Where checkpoints are sent. */
export interface WebhookAnchorOptions {
  readonly url: string;
  readonly fetch: AnchorFetch;
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
      const request = {
        method: "POST",
        headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
        body: note,
        signal: AbortSignal.timeout(timeoutMs),
      };
      const { status } = await fetch(url, request);
      if (status < 200 || status > 299) throw new Error(`the anchor answered ${status}`);
    },
  };
}
