import { parseRfc3339 } from "@symbiont/kit";
import { invalidBundle, isMembers, type Members, objectList } from "./read-bundle.ts";

/** Two bundles that said different things about one domain. */
export interface MergeConflict {
  readonly domain: string;
  /** `key`: about its key. `document`: about something else. */
  readonly kind: "key" | "document";
  /** Position of the bundle whose document was taken. */
  readonly kept: number;
  /** Position of the bundle whose document was not. */
  readonly dropped: number;
}

/** Documents of several bundles, ready to be signed anew. */
export interface MergedTrustBundle {
  readonly bundle: {
    readonly schemapin_bundle_version: "1.4";
    readonly created_at: string;
    readonly documents: readonly Members[];
    readonly revocations: readonly Members[];
  };
  readonly conflicts: readonly MergeConflict[];
}

interface Dated {
  readonly position: number;
  readonly at: number;
  readonly document: Members;
}

/**
 * Merges the data of bundles: of each domain the document of the newest bundle (the first of equals), and every
 * revocation of all. Signatures are not looked at: verify the bundles first, and look at the conflicts.
 *
 * @param bundles parsed JSON.
 * @throws SchemaPinError `SCHEMAPIN_BUNDLE_INVALID`
 */
export function mergeTrustBundles(bundles: readonly unknown[]): MergedTrustBundle {
  const dated = bundles.map((bundle, position) => {
    if (!isMembers(bundle)) throw invalidBundle("it is not an object");
    const time = bundle["signed_at"] ?? bundle["created_at"];
    const at = parseRfc3339(time);
    if (at === undefined) throw invalidBundle("its time is not an RFC 3339 time");
    return { bundle, position, at, time: time as string };
  });
  // The sort is stable: of equals the first stays first.
  const newestFirst = dated.toSorted((a, b) => b.at - a.at);
  const [newest] = newestFirst;
  if (newest === undefined) throw invalidBundle("there is none to merge");
  const { documents, conflicts } = mergeDocuments(newestFirst);
  return {
    bundle: {
      schemapin_bundle_version: "1.4",
      created_at: newest.time,
      documents,
      revocations: mergeRevocations(newestFirst.map(({ bundle }) => bundle)),
    },
    conflicts,
  };
}

function mergeDocuments(
  newestFirst: readonly { readonly bundle: Members; readonly position: number; readonly at: number }[],
): { readonly documents: readonly Members[]; readonly conflicts: readonly MergeConflict[] } {
  const kept = new Map<string, Dated>();
  const conflicts: MergeConflict[] = [];
  for (const { bundle, position, at } of newestFirst) {
    for (const document of objectList(bundle["documents"], "documents")) {
      const domain = domainOf(document);
      const winner = kept.get(domain);
      if (winner === undefined) {
        kept.set(domain, { position, at, document });
        continue;
      }
      const kind = difference(winner.document, document);
      if (kind !== undefined) conflicts.push({ domain, kind, kept: winner.position, dropped: position });
      kept.set(domain, { ...winner, document: withRevoked(winner.document, document) });
    }
  }
  return { documents: byDomain([...kept.values()].map(({ document }) => document)), conflicts };
}

/** A key that the older document revokes stays revoked. */
function withRevoked(document: Members, older: Members): Members {
  const own = revokedList(document);
  const known = new Set(own);
  const missing = revokedList(older).filter((key) => !known.has(key));
  return missing.length === 0 ? document : { ...document, revoked_keys: [...own, ...missing] };
}

function revokedList(document: Members): readonly unknown[] {
  const list = document["revoked_keys"] ?? [];
  if (!Array.isArray(list)) throw invalidBundle("revoked_keys is not a list");
  return list;
}

function mergeRevocations(newestFirst: readonly Members[]): readonly Members[] {
  const merged = new Map<string, Members>();
  for (const bundle of newestFirst) {
    for (const document of objectList(bundle["revocations"] ?? [], "revocations")) {
      const domain = domainOf(document);
      const newer = merged.get(domain);
      merged.set(domain, newer === undefined ? document : withEntries(newer, document));
    }
  }
  return byDomain([...merged.values()]);
}

function withEntries(document: Members, older: Members): Members {
  const own = objectList(document["revoked_keys"] ?? [], "revoked_keys");
  const known = new Set(own.map(({ fingerprint }) => fingerprint));
  const missing = objectList(older["revoked_keys"] ?? [], "revoked_keys").filter(
    ({ fingerprint }) => !known.has(fingerprint),
  );
  return missing.length === 0 ? document : { ...document, revoked_keys: [...own, ...missing] };
}

function difference(a: Members, b: Members): MergeConflict["kind"] | undefined {
  if (a["public_key_pem"] !== b["public_key_pem"]) return "key";
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)) ? undefined : "document";
}

function sorted(document: Members): readonly (readonly [string, unknown])[] {
  return Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1));
}

function byDomain(documents: readonly Members[]): readonly Members[] {
  return documents.toSorted((a, b) => (domainOf(a) < domainOf(b) ? -1 : 1));
}

function domainOf(document: Members): string {
  const { domain } = document;
  if (typeof domain !== "string") throw invalidBundle("a document has no domain");
  return domain;
}
