/** Gets a document: what a `GuardedFetch` of `@symbiont/net` does. */
export type FetchDocument = (url: string) => Promise<{
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}>;
