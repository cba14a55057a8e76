/** As much of `fetch` as is needed: that of the runtime fits, and that of any version of undici. */
export type VaultFetch = (url: string, options: VaultFetchOptions) => Promise<VaultFetchResponse>;

/** What is asked of a {@link VaultFetch}. */
export interface VaultFetchOptions {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Redirects must be handed back, not followed: the token is in the headers. */
  readonly redirect: "manual";
  readonly signal: AbortSignal;
}

/** What is taken of the response. */
export interface VaultFetchResponse {
  readonly status: number;
  readonly type: string;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): VaultBodyReader } | null;
}

/** Reads a body chunk by chunk. */
export interface VaultBodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}
