/**
 * Header lines of a delivery: pairs of name and value (a web `Headers`, a `Map`, an array), Node's flat
 * `rawHeaders` list, or a record such as `req.headers`. Prefer the first two: a record has already lost or joined
 * repeated lines. Names are compared without case.
 */
export type WebhookHeaders =
  | Iterable<readonly [string, string]>
  | readonly string[]
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** One delivery as it came over the wire. */
export interface WebhookRequest {
  readonly headers: WebhookHeaders;
  /** The body's exact bytes, after transfer decoding and before anything else looked at them. */
  readonly rawBody: Uint8Array;
  /**
   * The public URL that the sender was configured with, query included. Needed by schemes that sign it. Behind a
   * proxy this is not the URL that the server sees.
   */
  readonly url?: string;
  /** Default `POST`. */
  readonly method?: string;
}
