import type { CredentialClaims } from "../credential/credential-claims.ts";
import type { DelegationLink } from "../delegation/delegation-chain.ts";
import type { DocumentSource } from "../documents/document-source.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { isRefusal } from "../refusal.ts";
import type { UsableKey } from "./check-key.ts";
import { type CachedResult, lifeOf } from "./result-cache.ts";
import type { VerificationRules } from "./verification-rules.ts";

/** Tells whether the documents that were judged are those that are known and fresh now. */
export function cachedDocumentsStand({ documents }: CachedResult, source: DocumentSource): boolean {
  for (const [domain, judged] of documents) if (source.peek(domain) !== judged) return false;
  return true;
}

/** How long a success holds: as long as the credential, every key that vouches for it, and every revocation list. */
export function chainLife(
  claims: CredentialClaims,
  signer: UsableKey,
  issuer: IssuerDocuments,
  chain: { readonly links: readonly DelegationLink[]; readonly documents: readonly IssuerDocuments[] },
  { clockSkewSeconds, maxRevocationAgeSeconds }: VerificationRules,
): Pick<CachedResult, "notBefore" | "until"> {
  const expiries = [signer.expiresAt];
  for (const [index, { kid }] of chain.links.entries()) {
    const expiresAt = chain.documents[index]?.discovery.keys.get(kid)?.expiresAt;
    if (expiresAt !== undefined) expiries.push(expiresAt);
  }
  const life = lifeOf(claims, Math.min(...expiries), clockSkewSeconds);
  const lists = [issuer, ...chain.documents].flatMap(({ revocation }) =>
    isRefusal(revocation) ? [] : [revocation.updatedAt + maxRevocationAgeSeconds],
  );
  return { ...life, until: Math.min(life.until, ...lists) };
}
