import type { DiscoveryDocument } from "../discovery-document.ts";
import { SchemaPinError } from "../schemapin-error.ts";

/**
 * What came of looking for a document.
 *
 * - `ok`: here it is, checked.
 * - `absent`: there is none, and that is certain.
 * - `unavailable`: whether there is one cannot be known now.
 * - `invalid`: there is one, and it must not be used; nobody else may be asked instead.
 */
export type Resolution<T> =
  | {
      readonly status: "ok";
      readonly document: T;
      /** How long its source lets it be used, in milliseconds. Default 0: users apply their own least. */
      readonly maxAgeMs?: number;
    }
  | { readonly status: "absent" }
  | {
      readonly status: "unavailable";
      readonly error: SchemaPinError;
      /** What could be read nevertheless. It is not complete. */
      readonly partial?: T;
    }
  | { readonly status: "invalid"; readonly error: SchemaPinError };

/** A document was found. */
export type Resolved<T> = Extract<Resolution<T>, { readonly status: "ok" }>;

/** No document was found, and nothing is known about one. */
export type Unresolved = Exclude<Resolution<never>, { readonly status: "ok" }>;

/** Finds the documents of publishers. Answers, and does not throw. Domains come in the spelling of `domainName`. */
export interface DocumentResolver {
  resolveDiscovery(domain: string): Promise<Resolution<DiscoveryDocument>>;
  /**
   * Finds the lower-case fingerprints that the domain revokes beside those in its discovery document.
   * @param discovery the document in use, which names the endpoint.
   */
  resolveRevocation(domain: string, discovery: DiscoveryDocument): Promise<Resolution<ReadonlySet<string>>>;
}

/** Reads a document that was found; what the reader refuses is `invalid`. */
export function readResolution<T>(read: () => T, maxAgeMs = 0): Resolved<T> | Unresolved {
  try {
    return { status: "ok", document: read(), maxAgeMs };
  } catch (error) {
    if (SchemaPinError.is(error)) return { status: "invalid", error };
    throw error;
  }
}
