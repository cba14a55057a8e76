import { decodeUtf8 } from "@symbiont/kit";
import { createGuardedFetch } from "@symbiont/net/guarded-fetch";
import type { CertificateSource } from "../certificate-source.ts";
import type { FetchDocument } from "./fetch-document.ts";

/** Options of {@link createRemoteCertificates}. */
export interface RemoteCertificatesOptions {
  /** Default a guarded fetch, which reaches nothing but the public internet over https. */
  readonly fetch?: FetchDocument;
}

const MAX_ENTRIES = 100;
const MAX_BYTES = 65_536;

/**
 * Certificates behind URLs, each fetched once and kept: a provider that renews one gives it a new URL. Holds a
 * hundred; the one that was fetched first goes first. The preset refuses foreign URLs before it asks.
 */
export function createRemoteCertificates(options: RemoteCertificatesOptions = {}): CertificateSource {
  const fetch = options.fetch ?? createGuardedFetch({ maxBytes: MAX_BYTES });
  const held = new Map<string, Promise<string>>();
  return {
    certificate: (url) => {
      let pem = held.get(url);
      if (pem === undefined) {
        pem = load(fetch, url);
        pem.catch(() => held.delete(url));
        const [oldest] = held.keys();
        if (held.size >= MAX_ENTRIES && oldest !== undefined) held.delete(oldest);
        held.set(url, pem);
      }
      return pem;
    },
  };
}

async function load(fetch: FetchDocument, url: string): Promise<string> {
  const { status, body } = await fetch(url);
  if (status !== 200) throw new Error(`certificate answered with status ${status}`);
  if (body.length > MAX_BYTES) throw new Error("certificate is too long");
  return decodeUtf8(body);
}
