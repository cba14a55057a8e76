/** What is needed to send a request: the global `fetch`, a guarded one, or one that signs. */
export type SinkFetch = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly body?: { cancel(): Promise<void> } | null }>;

/** Sends one request. @throws Error when the answer is none of `accepted`. */
export async function sendRequest(
  fetch: SinkFetch,
  url: string,
  request: Parameters<SinkFetch>[1] & { readonly accepted?: (status: number) => boolean },
): Promise<void> {
  const { accepted = (status) => status >= 200 && status <= 299, ...init } = request;
  const { status, body } = await fetch(url, init);
  // An answer that nobody reads keeps its connection.
  await body?.cancel().catch(() => undefined);
  if (!accepted(status)) throw new Error(`the server answered ${status}`);
}
