import type { Clock } from "@symbiont/kit";
import { checkTimes } from "../credential/check-times.ts";
import { parseCredential } from "../credential/parse-credential.ts";
import { checkDelegation } from "../delegation/check-delegation.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { isIssuerName } from "../documents/issuer-name.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { checkAudience } from "./check-audience.ts";
import { type CheckedCredential, checkCredential } from "./check-credential.ts";
import { credentialWarnings } from "./credential-warnings.ts";
import { delegationOf } from "./delegation-of.ts";
import type { Verification, VerifiedDelegator } from "./verification.ts";
import {
  readVerificationRules,
  refuseUnknownOptions,
  VERIFICATION_OPTIONS,
  type VerificationOptions,
  type VerificationRules,
} from "./verification-rules.ts";
import { verifiedCredential } from "./verified-credential.ts";

/** Documents that are at hand: `StaticDocuments`, `TrustBundle`, or any `DocumentSource`. */
export interface HeldDocumentSource {
  peek(issuer: string): IssuerDocuments | undefined;
}

/** Options of {@link OfflineVerifier}. */
export interface OfflineVerifierOptions extends VerificationOptions {
  /** The issuers that are trusted, and their documents. Nobody else is believed, and nothing is fetched. */
  readonly documents: HeldDocumentSource;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/**
 * Verifies credentials synchronously by documents that are at hand, without pins and replay memory: those take an
 * `AgentPinVerifier`.
 */
export class OfflineVerifier {
  readonly #rules: VerificationRules;
  readonly #documents: HeldDocumentSource;
  readonly #clock: Clock;

  /** @throws TypeError or RangeError naming a wrong, missing or unknown option. */
  constructor(options: OfflineVerifierOptions) {
    refuseUnknownOptions(options, [...VERIFICATION_OPTIONS, "documents", "clock"]);
    if (typeof options.documents?.peek !== "function")
      throw new TypeError("documents must be a document source");
    this.#rules = readVerificationRules(options);
    this.#documents = options.documents;
    this.#clock = options.clock ?? Date;
  }

  /** Takes anything, and never throws. */
  verify(token: unknown): Verification {
    try {
      return this.#verify(token);
    } catch {
      return refuse(3, "DISCOVERY_FETCH_FAILED", "internal_error", true);
    }
  }

  #verify(token: unknown): Verification {
    const credential = parseCredential(token);
    if (isRefusal(credential)) return credential;
    const rules = this.#rules;
    const now = this.#clock.now() / 1000;
    const { claims } = credential;
    const untimely = checkTimes(claims, now, rules);
    if (untimely !== undefined) return untimely;
    const documents = this.#documents.peek(claims.iss);
    if (documents === undefined) return unknownIssuer(claims.iss);
    const checked = checkCredential(credential, documents, now, rules);
    if (isRefusal(checked)) return checked;
    const parties = this.#delegation(claims, documents, checked, now);
    if (isRefusal(parties)) return parties;
    const misdirected = checkAudience(claims.aud, rules.audience, rules.allowWildcardAudience);
    if (misdirected !== undefined) return misdirected;
    const warnings = credentialWarnings(claims, documents, rules);
    return verifiedCredential(credential, checked, parties, "not_checked", warnings);
  }

  #delegation(
    claims: Parameters<typeof delegationOf>[0],
    issuer: IssuerDocuments,
    { agent }: CheckedCredential,
    now: number,
  ): readonly VerifiedDelegator[] | Refusal {
    const links = delegationOf(claims, issuer, this.#rules);
    if (isRefusal(links) || links.length === 0) return links;
    const documents: IssuerDocuments[] = [];
    for (const { domain } of links) {
      const found = this.#documents.peek(domain);
      if (found === undefined) return refuse(10, "DELEGATION_INVALID", "delegator_unresolved");
      documents.push(found);
    }
    return checkDelegation({ links, claims, issuer, agent, documents }, now, this.#rules);
  }
}

function unknownIssuer(issuer: string): Refusal {
  return isIssuerName(issuer)
    ? refuse(3, "DISCOVERY_FETCH_FAILED", "issuer_unknown")
    : refuse(3, "DISCOVERY_INVALID", "issuer_syntax");
}
