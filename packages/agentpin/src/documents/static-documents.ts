import { type Refusal, refuse } from "../refusal.ts";
import { parseRevocationDocument } from "../revocation/revocation-document.ts";
import { parseDiscoveryDocument } from "./discovery-document.ts";
import type { DocumentSource } from "./document-source.ts";
import { combineDocuments, type IssuerDocuments } from "./issuer-documents.ts";
import { checkIssuerName } from "./issuer-name.ts";

/** The documents of one issuer, as the operator holds them. */
export interface HeldDocuments {
  readonly issuer: string;
  /** Parsed JSON of the discovery document. */
  readonly discovery: unknown;
  /** Parsed JSON of the revocation document. Default none: what was revoked is not known. */
  readonly revocation?: unknown;
}

/** Knows the issuers whose documents it was given. */
export class StaticDocuments implements DocumentSource {
  readonly #issuers = new Map<string, IssuerDocuments>();

  /** @throws AgentPinError as `parseDiscoveryDocument` and `parseRevocationDocument` do. */
  constructor(documents: readonly HeldDocuments[] = []) {
    for (const one of documents) this.set(one);
  }

  /**
   * Puts an issuer's documents in place of the ones before.
   * @throws AgentPinError; then those before stay.
   */
  set({ issuer, discovery, revocation }: HeldDocuments): void {
    const name = checkIssuerName(issuer);
    this.#issuers.set(
      name,
      combineDocuments(
        parseDiscoveryDocument(discovery, name),
        revocation === undefined
          ? refuse(6, "DISCOVERY_FETCH_FAILED", "revocation_unavailable")
          : parseRevocationDocument(revocation, name),
        this.#issuers.get(name)?.revokedThumbprints,
      ),
    );
  }

  peek(issuer: string): IssuerDocuments | undefined {
    return this.#issuers.get(issuer);
  }

  async lookUp(issuer: string): Promise<IssuerDocuments | Refusal> {
    return this.#issuers.get(issuer) ?? refuse(3, "DISCOVERY_FETCH_FAILED", "issuer_unknown");
  }
}
