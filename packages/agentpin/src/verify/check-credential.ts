import type { JsonObject } from "@symbiont/kit";
import type { Credential } from "../credential/parse-credential.ts";
import { checkSignature } from "../credential/verify-signature.ts";
import type { DocumentAgent } from "../documents/document-agent.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { checkAgent } from "./check-agent.ts";
import { findKey, type UsableKey } from "./check-key.ts";
import { checkRevocation } from "./check-revocation.ts";
import type { VerificationRules } from "./verification-rules.ts";

/** What steps 3 to 9 found out. */
export interface CheckedCredential {
  readonly signer: UsableKey;
  readonly agent: DocumentAgent;
  readonly constraints: JsonObject | undefined;
}

/** Steps 3 to 9: everything that needs the issuer's documents and nothing else. */
export function checkCredential(
  { kid, claims, signature, signingInput }: Credential,
  documents: IssuerDocuments,
  now: number,
  rules: VerificationRules,
): CheckedCredential | Refusal {
  const { discovery } = documents;
  if (discovery.entity !== claims.iss) return refuse(3, "DOMAIN_MISMATCH", "entity");
  const signer = findKey(discovery, kid, now, rules.clockSkewSeconds);
  if (isRefusal(signer)) return signer;
  const forged = checkSignature(signer.key, signature, signingInput, rules.signatureFormats, rules.engine);
  if (forged !== undefined) return forged;
  const { jti, sub: agentId } = claims;
  const revoked = checkRevocation(
    documents,
    { jti, agentId, kid, thumbprint: signer.thumbprint },
    now,
    rules,
  );
  if (revoked !== undefined) return revoked;
  const found = checkAgent(discovery, claims, rules);
  return isRefusal(found) ? found : { signer, ...found };
}
