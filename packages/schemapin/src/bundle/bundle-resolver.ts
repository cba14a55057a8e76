import {
  type DocumentResolver,
  type Resolution,
  type Resolved,
  readResolution,
  type Unresolved,
} from "../discovery/document-resolver.ts";
import { type DiscoveryDocument, parseDiscoveryDocument } from "../discovery-document.ts";
import { SchemaPinError } from "../schemapin-error.ts";
import type { TrustBundle } from "./trust-bundle.ts";
import { type VerifyTrustBundleOptions, verifyTrustBundle } from "./verify-trust-bundle.ts";

/** Where a bundle comes from, and whose bundles count. */
export interface BundleResolverOptions extends VerifyTrustBundleOptions {
  /** Gives the text of the newest bundle. */
  readonly load: () => Promise<string | Uint8Array>;
  /** How long a bundle is used before it is loaded again, in milliseconds. Default 300,000. */
  readonly refreshMs?: number;
}

/**
 * Finds documents in a trust bundle, which is verified each time it is loaded. While it cannot be loaded again, the
 * one before serves until it expires; one that does not verify is `invalid`.
 */
export class BundleResolver implements DocumentResolver {
  readonly #options: BundleResolverOptions;
  readonly #refreshMs: number;
  #bundle: TrustBundle | undefined;
  #current:
    | { readonly from: number; readonly answer: Promise<Resolved<TrustBundle> | Unresolved> }
    | undefined;

  constructor(options: BundleResolverOptions) {
    this.#options = options;
    this.#refreshMs = options.refreshMs ?? 300_000;
    if (!(this.#refreshMs > 0))
      throw new RangeError(`refreshMs must be a positive number, got ${this.#refreshMs}`);
  }

  async resolveDiscovery(domain: string): Promise<Resolution<DiscoveryDocument>> {
    return this.#find(({ documents }) => documents.get(domain), parseDiscoveryDocument);
  }

  async resolveRevocation(domain: string): Promise<Resolution<ReadonlySet<string>>> {
    return this.#find(
      ({ revokedKeys }) => revokedKeys.get(domain),
      (revoked) => revoked,
    );
  }

  async #find<Found, T>(
    find: (bundle: TrustBundle) => Found | undefined,
    read: (found: Found) => T,
  ): Promise<Resolution<T>> {
    const answer = await this.#load();
    if (answer.status !== "ok") return answer;
    const found = find(answer.document);
    return found === undefined ? { status: "absent" } : readResolution(() => read(found), answer.maxAgeMs);
  }

  async #load(): Promise<Resolved<TrustBundle> | Unresolved> {
    const now = (this.#options.clock ?? Date).now();
    const current = this.#current;
    const fresh = current !== undefined && now >= current.from && now < current.from + this.#refreshMs;
    const used = fresh ? current : { from: now, answer: this.#loadAnew() };
    this.#current = used;
    const answer = await used.answer;
    if (answer.status !== "ok") {
      // Only what is of use is kept.
      if (this.#current === used) this.#current = undefined;
      return answer;
    }
    const leftMs = answer.document.validUntil - now;
    return !(leftMs >= 0)
      ? unavailable("the trust bundle has expired")
      : { ...answer, maxAgeMs: Math.min(leftMs, this.#refreshMs) };
  }

  async #loadAnew(): Promise<Resolved<TrustBundle> | Unresolved> {
    let text: string | Uint8Array;
    try {
      text = await this.#options.load();
    } catch (cause) {
      return this.#bundle === undefined
        ? unavailable("the trust bundle cannot be loaded", cause)
        : { status: "ok", document: this.#bundle };
    }
    try {
      this.#bundle = await verifyTrustBundle(text, this.#options);
      return { status: "ok", document: this.#bundle };
    } catch (error) {
      return SchemaPinError.is(error)
        ? { status: "invalid", error }
        : unavailable("the trust bundle cannot be verified now", error);
    }
  }
}

function unavailable(why: string, cause?: unknown): Unresolved {
  const options = { ...(cause === undefined ? {} : { cause }), retryable: true };
  return {
    status: "unavailable",
    error: new SchemaPinError("SCHEMAPIN_DISCOVERY_FETCH_FAILED", why, options),
  };
}
