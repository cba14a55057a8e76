import { importRsaPem, type RsaKey } from "./internal/rsa-key.ts";
import { WebhookError } from "./webhook-error.ts";

/** Gets the certificates that providers name by URL. */
export interface CertificateSource {
  /** Gives the PEM text behind a URL that the preset has already accepted; rejects when there is none. */
  certificate(url: string): Promise<string>;
}

/** Certificates, or public keys in their place, in PEM by URL; or where to get them. */
export type Certificates = CertificateSource | Readonly<Record<string, string>>;

const MAX_IMPORTED = 16;

/** Keys behind certificate URLs, imported once. */
export class CertificateKeys {
  readonly #certificates: Certificates;
  readonly #imported = new Map<string, RsaKey>();

  constructor(certificates: Certificates) {
    if (typeof certificates !== "object" || certificates === null)
      throw new TypeError("certificates must be a source or a record of PEM texts by URL");
    this.#certificates = certificates;
  }

  /**
   * The key behind a URL, valid at `nowMs`.
   * @throws WebhookError `WEBHOOK_KEY_NOT_FOUND`, `WEBHOOK_KEYS_UNAVAILABLE`, `WEBHOOK_CERT_UNTRUSTED`
   */
  async key(url: string, nowMs: number): Promise<RsaKey> {
    const key = this.#import(await this.#find(url));
    const { notBeforeMs = Number.NEGATIVE_INFINITY, notAfterMs = Number.POSITIVE_INFINITY } = key;
    if (!(notBeforeMs <= nowMs && nowMs <= notAfterMs))
      throw new WebhookError("WEBHOOK_CERT_UNTRUSTED", "certificate is not valid at this time");
    return key;
  }

  async #find(url: string): Promise<string> {
    if (!isSource(this.#certificates)) {
      const pem = Object.hasOwn(this.#certificates, url) ? this.#certificates[url] : undefined;
      if (pem === undefined)
        throw new WebhookError("WEBHOOK_KEY_NOT_FOUND", "no certificate is configured for the delivery");
      return pem;
    }
    try {
      return await this.#certificates.certificate(url);
    } catch (cause) {
      throw new WebhookError("WEBHOOK_KEYS_UNAVAILABLE", "certificate could not be fetched", { cause });
    }
  }

  #import(pem: string): RsaKey {
    let key = this.#imported.get(pem);
    if (key === undefined) {
      try {
        key = importRsaPem(pem);
      } catch (cause) {
        if (WebhookError.is(cause)) throw cause;
        throw new WebhookError("WEBHOOK_CERT_UNTRUSTED", "certificate does not hold an acceptable key", {
          cause,
        });
      }
      if (this.#imported.size >= MAX_IMPORTED) this.#imported.clear();
      this.#imported.set(pem, key);
    }
    return key;
  }
}

function isSource(certificates: Certificates): certificates is CertificateSource {
  return typeof (certificates as Partial<CertificateSource>).certificate === "function";
}
