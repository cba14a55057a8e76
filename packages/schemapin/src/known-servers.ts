import type { DocumentResolver } from "./discovery/document-resolver.ts";
import { domainName } from "./discovery/domain-name.ts";
import { MemoryTrustLedger } from "./discovery/memory-trust-ledger.ts";
import type { Publisher } from "./discovery/publisher.ts";
import { PublisherSource } from "./discovery/publisher-source.ts";
import { StaticResolver } from "./discovery/static-resolver.ts";
import { SchemaPinError } from "./schemapin-error.ts";
import type { SchemaPinToolVerifierOptions, ServerTrust } from "./tool-verifier-options.ts";

/** A server, and how its publisher is looked up. */
export interface KnownServer {
  readonly trust: ServerTrust;
  readonly publisher: () => Promise<Publisher>;
}

/**
 * @param mode whether documents that cannot be had now refuse, or are reported.
 * @throws TypeError, and SchemaPinError when a domain or a document that is given is not valid.
 */
export function knownServers(
  options: SchemaPinToolVerifierOptions,
  mode: "strict" | "permissive",
): ReadonlyMap<string, KnownServer> {
  const { ledger = new MemoryTrustLedger(), dns, clock } = options;
  const sources = new Map<DocumentResolver, PublisherSource>();
  return new Map(
    [...options.servers].map(([id, trust]) => {
      const { discovery, revocation } = trust;
      const domain = domainName(trust.domain);
      if (trust.resolver !== undefined && (discovery !== undefined || revocation !== undefined))
        throw new TypeError("servers must give each server its documents or a resolver, not both");
      const isUndocumented =
        trust.resolver === undefined && discovery === undefined && revocation === undefined;
      // Where unsigned tools are never admitted, a server without documents is a mistake to be told at once.
      if (isUndocumented && (trust.lock !== undefined || mode !== "strict"))
        return [id, { trust, publisher: () => Promise.reject(noDocuments()) }];
      const resolver = trust.resolver ?? new StaticResolver({ domain, discovery, revocation });
      // Servers of one publisher share what was looked up.
      const source =
        sources.get(resolver) ??
        new PublisherSource({
          resolver,
          mode,
          ledger,
          ...(dns === undefined ? {} : { dns }),
          ...(clock === undefined ? {} : { clock }),
        });
      sources.set(resolver, source);
      return [id, { trust, publisher: async () => source.publisher(domain) }];
    }),
  );
}

/** Of a server that nobody signs for: its lock decides, or in permissive mode its pins do. */
function noDocuments(): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_KEY_NOT_FOUND", "the server has no discovery document");
}
