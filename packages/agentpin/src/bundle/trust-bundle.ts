import { type Clock, parseRfc3339 } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { parseDiscoveryDocument } from "../documents/discovery-document.ts";
import type { DocumentSource } from "../documents/document-source.ts";
import { combineDocuments, type IssuerDocuments } from "../documents/issuer-documents.ts";
import { checkIssuerName } from "../documents/issuer-name.ts";
import { parseDocumentText } from "../documents/parse-document-text.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { parseRevocationDocument, type RevocationDocument } from "../revocation/revocation-document.ts";

/** Bounds of a bundle. */
export interface TrustBundleOptions {
  /** Oldest `created_at` that is taken, in seconds. Default any. */
  readonly maxAgeSeconds?: number;
  /** Longest text in bytes. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}

const VERSION = "0.1";
const MAX_BYTES = 16 << 20;
const MAX_DOCUMENTS = 10_000;

/**
 * A trust bundle: the documents of several issuers in one file, for use without a network. A bundle carries no signature
 * of its own: it is as trustworthy as the way it came.
 */
export class TrustBundle implements DocumentSource {
  readonly #issuers: ReadonlyMap<string, IssuerDocuments>;
  /** Seconds since the epoch. */
  readonly createdAt: number;

  private constructor(issuers: ReadonlyMap<string, IssuerDocuments>, createdAt: number) {
    this.#issuers = issuers;
    this.createdAt = createdAt;
  }

  /**
   * Reads the text of a bundle. One bad document refuses it all; an issuer that is there twice does too, while its
   * revocations count together.
   *
   * @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` with reason `bundle_version`, `bundle_stale`,
   * `duplicate_entity`, or as reading a document throws.
   */
  static parse(text: string | Uint8Array, options: TrustBundleOptions = {}): TrustBundle {
    return TrustBundle.from(parseDocumentText(text, options.maxBytes ?? MAX_BYTES), options);
  }

  /** The same for parsed JSON. */
  static from(value: unknown, { maxAgeSeconds, clock = Date }: TrustBundleOptions = {}): TrustBundle {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("schema");
    const bundle = value as Readonly<Record<string, unknown>>;
    if (bundle["agentpin_bundle_version"] !== VERSION) throw invalid("bundle_version");
    const createdMs = parseRfc3339(bundle["created_at"]);
    if (createdMs === undefined) throw invalid("schema");
    const createdAt = createdMs / 1000;
    if (maxAgeSeconds !== undefined && !(clock.now() / 1000 - createdAt <= maxAgeSeconds))
      throw invalid("bundle_stale");
    const revocations = unitedByEntity(listOf(bundle["revocations"] ?? []));
    const issuers = new Map<string, IssuerDocuments>();
    for (const document of listOf(bundle["documents"])) {
      const issuer = entityOf(document);
      if (issuers.has(issuer)) throw invalid("duplicate_entity");
      const revocation =
        revocations.get(issuer) ?? refuse(6, "DISCOVERY_FETCH_FAILED", "revocation_unavailable");
      issuers.set(issuer, combineDocuments(parseDiscoveryDocument(document, issuer), revocation));
    }
    return new TrustBundle(issuers, createdAt);
  }

  /** The issuers in it. */
  issuers(): readonly string[] {
    return [...this.#issuers.keys()];
  }

  peek(issuer: string): IssuerDocuments | undefined {
    return this.#issuers.get(issuer);
  }

  async lookUp(issuer: string): Promise<IssuerDocuments | Refusal> {
    return this.#issuers.get(issuer) ?? refuse(3, "DISCOVERY_FETCH_FAILED", "not_in_bundle");
  }
}

/** Which of two lists counts would be up to the reader, so both do. */
function unitedByEntity(documents: readonly unknown[]): ReadonlyMap<string, RevocationDocument> {
  const united = new Map<string, RevocationDocument>();
  for (const document of documents) {
    const entity = entityOf(document);
    const list = parseRevocationDocument(document, entity);
    const other = united.get(entity);
    united.set(entity, other === undefined ? list : unite(list, other));
  }
  return united;
}

function unite(a: RevocationDocument, b: RevocationDocument): RevocationDocument {
  return {
    entity: a.entity,
    updatedAt: Math.max(a.updatedAt, b.updatedAt),
    credentials: new Set([...a.credentials, ...b.credentials]),
    agents: new Set([...a.agents, ...b.agents]),
    keys: new Set([...a.keys, ...b.keys]),
  };
}

function entityOf(document: unknown): string {
  const entity: unknown =
    typeof document === "object" && document !== null ? (document as { entity?: unknown }).entity : undefined;
  return checkIssuerName(entity);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length <= MAX_DOCUMENTS) return value;
  throw invalid("schema");
}

function invalid(reason: string): AgentPinError {
  return new AgentPinError("AGENTPIN_DISCOVERY_INVALID", `trust bundle is not valid: ${reason}`, {
    reason,
    step: 3,
  });
}
