import type { ReplayStore } from "@symbiont/kit";
import { checkTimes } from "../credential/check-times.ts";
import { type Credential, parseCredential } from "../credential/parse-credential.ts";
import { checkDelegation } from "../delegation/check-delegation.ts";
import type { DelegationLink } from "../delegation/delegation-chain.ts";
import type { LookUpOptions } from "../documents/document-source.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { isIssuerName } from "../documents/issuer-name.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { cachedDocumentsStand, chainLife } from "./cached-documents.ts";
import { checkAudience } from "./check-audience.ts";
import { type CheckedCredential, checkCredential } from "./check-credential.ts";
import { UNKNOWN_KID } from "./check-key.ts";
import { credentialWarnings } from "./credential-warnings.ts";
import { delegationOf } from "./delegation-of.ts";
import { PinCheck } from "./pin-check.ts";
import { type CachedResult, ResultCache } from "./result-cache.ts";
import type { Verification, VerifiedDelegator } from "./verification.ts";
import { readAudience } from "./verification-rules.ts";
import { verifiedCredential } from "./verified-credential.ts";
import { readVerifierOptions, type VerifierOptions, type VerifierSettings } from "./verifier-options.ts";

/** What is particular to one verification. */
export interface VerifyContext {
  /** Who verifies, in place of the verifier's own audience. */
  readonly audience?: string | readonly string[];
  /** What came with the credential to prove that its holder has a key; what it must be is up to the `proofs` option. */
  readonly proof?: unknown;
  /**
   * Who brought the credential, for example `clientKey` of an address: limits how many unknown issuers that one may have
   * looked up. Default: where trust is not in named issuers, all who are not named count as one.
   */
  readonly caller?: string;
}

/** A credential that stands, and what it stands on. */
interface Judged {
  readonly credential: Credential;
  readonly checked: CheckedCredential;
  readonly issuer: IssuerDocuments;
  readonly delegation: Delegation;
  /** What is pinned of it. */
  readonly seen: Parameters<PinCheck["judge"]>[1];
}

/** An issuer's documents, and those of its delegators. */
interface Delegation {
  readonly parties: readonly VerifiedDelegator[];
  readonly links: readonly DelegationLink[];
  readonly documents: readonly IssuerDocuments[];
}

/**
 * Verifies credentials: the protocol's twelve steps, and what it leaves to its users (whom to trust, replay, holder's
 * proof). Nothing is pinned and nothing counts as used unless every step passed.
 */
export class AgentPinVerifier {
  readonly #settings: VerifierSettings;
  readonly #pins: PinCheck;
  readonly #results: ResultCache;

  /** @throws TypeError or RangeError naming a wrong, missing or unknown option; AgentPinError for an issuer that is none. */
  constructor(options: VerifierOptions) {
    this.#settings = readVerifierOptions(options);
    this.#pins = new PinCheck(this.#settings.pins);
    this.#results = new ResultCache(this.#settings.resultCacheSize);
  }

  /** Takes anything, and never rejects: what goes wrong is a refusal. */
  async verify(token: unknown, context: VerifyContext = {}): Promise<Verification> {
    try {
      const now = this.#settings.clock.now() / 1000;
      const cached = typeof token === "string" ? this.#results.get(token) : undefined;
      if (cached === undefined || !this.#stands(cached, now)) return await this.#verify(token, context, now);
      const again = this.#verifyAgain(token as string, cached, context, now);
      return again instanceof Promise ? await again : again;
    } catch {
      return refuse(3, "DISCOVERY_FETCH_FAILED", "internal_error", true);
    }
  }

  /**
   * Judges again a credential that {@link verify} has accepted, by what is known now: times, documents, revocations, pins,
   * audience. It does not count as used, and its holder need not prove anything anew. Never rejects.
   */
  async recheck(
    token: unknown,
    { audience, caller }: Omit<VerifyContext, "proof"> = {},
  ): Promise<Verification> {
    try {
      const now = this.#settings.clock.now() / 1000;
      const judged = await this.#judge(token, caller, now);
      if (isRefusal(judged)) return judged;
      const { credential, checked, delegation, seen, issuer } = judged;
      const { claims } = credential;
      const misdirected = this.#checkAudience(claims.aud, audience);
      if (misdirected !== undefined) return misdirected;
      const pinned = await this.#pins.commit(claims.iss, seen, now);
      if (isRefusal(pinned)) return pinned;
      const warnings = credentialWarnings(
        claims,
        issuer,
        this.#settings.rules,
        this.#settings.proofs !== undefined,
      );
      return verifiedCredential(credential, checked, delegation.parties, pinned.status, warnings);
    } catch {
      return refuse(3, "DISCOVERY_FETCH_FAILED", "internal_error", true);
    }
  }

  async #verify(token: unknown, context: VerifyContext, now: number): Promise<Verification> {
    const { rules } = this.#settings;
    const judged = await this.#judge(token, context.caller, now);
    if (isRefusal(judged)) return judged;
    const { credential, checked, delegation, seen, issuer } = judged;
    const { claims } = credential;
    const unfit = await this.#present(token as string, claims, context, now);
    if (unfit !== undefined) return unfit;

    const pinned = await this.#pins.commit(claims.iss, seen, now);
    if (isRefusal(pinned)) return pinned;
    const replayed = await this.#use(claims, now);
    if (replayed !== undefined) return replayed;
    const warnings = credentialWarnings(claims, issuer, rules, this.#settings.proofs !== undefined);
    const word = (pin: Parameters<typeof verifiedCredential>[3]): ReturnType<typeof verifiedCredential> =>
      verifiedCredential(credential, checked, delegation.parties, pin, warnings);
    this.#results.set(token as string, {
      // When it is presented again, its key is pinned.
      result: word(pinned.status === "not_checked" ? "not_checked" : "pinned"),
      documents: [
        [claims.iss, issuer],
        ...delegation.links.map(
          ({ domain }, index) => [domain, delegation.documents[index] as IssuerDocuments] as const,
        ),
      ],
      pins: pinned.pins,
      ...chainLife(claims, checked.signer, issuer, delegation, rules),
    });
    return word(pinned.status);
  }

  /** Steps 1 to 11, which depend on nothing but the credential and what is published. Pins nothing. */
  async #judge(token: unknown, named: string | undefined, now: number): Promise<Judged | Refusal> {
    const { rules, unnamedCaller } = this.#settings;
    const credential = parseCredential(token);
    if (isRefusal(credential)) return credential;
    const { claims, kid } = credential;
    const untimely = checkTimes(claims, now, rules);
    if (untimely !== undefined) return untimely;
    const caller = named ?? unnamedCaller;
    const documents = await this.#documentsOf(claims.iss, caller);
    if (isRefusal(documents)) return documents;
    const [issuer, checked] = await this.#check(credential, documents, now);
    if (isRefusal(checked)) return checked;
    const delegation = await this.#delegation(credential, issuer, checked, now, caller);
    if (isRefusal(delegation)) return delegation;
    const seen = { kid, thumbprint: checked.signer.thumbprint, documents: issuer };
    const unpinned = await this.#pins.judge(claims.iss, seen, now);
    return unpinned ?? { credential, checked, delegation, seen, issuer };
  }

  /** Whether everything that a remembered success rests on is as it was, and known to be. */
  #stands(cached: CachedResult, now: number): boolean {
    return (
      now >= cached.notBefore && now < cached.until && cachedDocumentsStand(cached, this.#settings.documents)
    );
  }

  /** What depends on more than documents is asked anew, each thing only when the one before has passed. */
  #verifyAgain(
    token: string,
    cached: CachedResult,
    context: VerifyContext,
    now: number,
  ): Verification | Promise<Verification> {
    const { trusts } = this.#settings;
    const { result } = cached;
    return whenKnown(trusts(result.issuer), (trusted) => {
      if (trusted !== true) return untrusted();
      return whenKnown(this.#pins.isUnchanged(result, cached.pins, now), (unchanged) => {
        if (unchanged !== true) {
          this.#results.delete(token);
          return this.#verify(token, context, now);
        }
        const { claims } = result;
        return whenKnown(this.#present(token, claims, context, now), (unfit) => {
          if (unfit !== undefined) return unfit;
          return whenKnown(this.#use(claims, now), (replayed) => replayed ?? result);
        });
      });
    });
  }

  /** Step 3: whether the issuer is one, is trusted, and what it says. In this order: only a trusted name is looked up. */
  async #documentsOf(issuer: string, caller: string | undefined): Promise<IssuerDocuments | Refusal> {
    const { trusts, documents } = this.#settings;
    if (!isIssuerName(issuer)) return refuse(3, "DISCOVERY_INVALID", "issuer_syntax");
    if ((await trusts(issuer)) !== true) return untrusted();
    return documents.peek(issuer) ?? documents.lookUp(issuer, lookUpFor(caller));
  }

  /** Steps 3 to 9; a key that is not known may have been published just now. */
  async #check(
    credential: Credential,
    documents: IssuerDocuments,
    now: number,
  ): Promise<readonly [IssuerDocuments, CheckedCredential | Refusal]> {
    const { rules } = this.#settings;
    const checked = checkCredential(credential, documents, now, rules);
    if (!isRefusal(checked) || checked.reason !== UNKNOWN_KID) return [documents, checked];
    const newer = await this.#settings.documents.lookUp(credential.claims.iss, { refresh: true });
    if (isRefusal(newer)) return [documents, newer];
    return [newer, newer === documents ? checked : checkCredential(credential, newer, now, rules)];
  }

  async #delegation(
    { claims }: Credential,
    issuer: IssuerDocuments,
    { agent }: CheckedCredential,
    now: number,
    caller: string | undefined,
  ): Promise<Delegation | Refusal> {
    const { rules, documents: source } = this.#settings;
    const links = delegationOf(claims, issuer, rules);
    if (isRefusal(links)) return links;
    const found = await Promise.all(
      links.map(async ({ domain }) => source.peek(domain) ?? source.lookUp(domain, lookUpFor(caller))),
    );
    const documents: IssuerDocuments[] = [];
    for (const one of found) {
      if (isRefusal(one)) return refuse(10, "DELEGATION_INVALID", "delegator_unresolved", one.retryable);
      documents.push(one);
    }
    if (links.length === 0) return { parties: [], links, documents };
    const parties = checkDelegation({ links, claims, issuer, agent, documents }, now, rules);
    return isRefusal(parties) ? parties : { parties, links, documents };
  }

  /** Step 12, and whether the one who presents the credential is its holder. */
  #present(
    token: string,
    { aud, cnf }: Credential["claims"],
    { audience, proof }: VerifyContext,
    now: number,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const { proofs } = this.#settings;
    const misdirected = this.#checkAudience(aud, audience);
    if (misdirected !== undefined || proofs === undefined) return misdirected;
    const jkt = cnf?.["jkt"];
    // A binding that cannot be read is not no binding.
    if (cnf !== undefined && typeof jkt !== "string")
      return refuse(12, "SIGNATURE_INVALID", "binding_unknown");
    return Promise.resolve(proofs.check({ jkt: jkt as string | undefined, credential: token, proof, now }));
  }

  #checkAudience(aud: string | undefined, audience: VerifyContext["audience"]): Refusal | undefined {
    const { rules } = this.#settings;
    const accepted = audience === undefined ? rules.audience : readAudience(audience);
    return checkAudience(aud, accepted, rules.allowWildcardAudience);
  }

  /** Last of all: the credential is used up. Remembered for as long as it could pass. */
  #use(
    { iss, jti, exp }: Credential["claims"],
    now: number,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const { replay, rules } = this.#settings;
    const ttlMs = Math.max(1, Math.ceil((exp + rules.clockSkewSeconds - now) * 1000));
    return replay === undefined ? undefined : useOnce(replay, `${iss}|${jti}`, ttlMs);
  }
}

async function useOnce(replay: ReplayStore, key: string, ttlMs: number): Promise<Refusal | undefined> {
  try {
    return (await replay.putIfAbsent(key, ttlMs)) === true
      ? undefined
      : refuse(12, "CREDENTIAL_REVOKED", "replayed");
  } catch {
    return refuse(12, "CREDENTIAL_REVOKED", "replay_store_failed", true);
  }
}

/** Goes on at once with what is known at once: waiting for nothing costs more than all the checks of a remembered success. */
function whenKnown<In, Out>(
  value: In | Promise<In>,
  next: (value: In) => Out | Promise<Out>,
): Out | Promise<Out> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function lookUpFor(caller: string | undefined): LookUpOptions {
  return caller === undefined ? {} : { caller };
}

function untrusted(): Refusal {
  return refuse(3, "DOMAIN_MISMATCH", "issuer_not_trusted");
}
