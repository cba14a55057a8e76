import type { Clock, ReplayStore } from "@symbiont/kit";
import type { DocumentSource } from "../documents/document-source.ts";
import type { HolderProofs } from "../dpop/holder-proofs.ts";
import type { PinPolicy } from "../pins/judge-pin.ts";
import type { PinStore } from "../pins/pin-store.ts";
import { type IssuerTrust, readTrust } from "./issuer-trust.ts";
import {
  choice,
  readVerificationRules,
  refuseUnknownOptions,
  seconds,
  VERIFICATION_OPTIONS,
  type VerificationOptions,
  type VerificationRules,
} from "./verification-rules.ts";

/** What an `AgentPinVerifier` is made of. */
export interface VerifierOptions extends VerificationOptions {
  /** Whose credentials are believed. */
  readonly trust: IssuerTrust;
  /** Where documents come from, for example a `DocumentCache`. Required, except with a bundle, which is its own source. */
  readonly documents?: DocumentSource;
  /** Which keys were seen before. Required with `trust: { tofu: true }`. Default none; policy default `strict`. */
  readonly pins?: { readonly store: PinStore; readonly policy?: PinPolicy };
  /** Makes every credential good for one use. Default none. */
  readonly replay?: ReplayStore;
  /** Checks that the holder has the key that a credential is bound to. Default: such a binding has no effect, with a warning. */
  readonly proofs?: HolderProofs;
  /** Successes that are remembered, 0 to 100,000. Default 0: every credential is verified anew. */
  readonly resultCacheSize?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** Options after their checks. */
export interface VerifierSettings {
  readonly rules: VerificationRules;
  readonly trusts: (issuer: string) => boolean | Promise<boolean>;
  readonly documents: DocumentSource;
  readonly pins: { readonly store: PinStore; readonly policy: PinPolicy } | undefined;
  readonly replay: ReplayStore | undefined;
  readonly proofs: HolderProofs | undefined;
  readonly resultCacheSize: number;
  /** Caller that look-ups count for when none is named; undefined where the issuers are, who are as many as they are. */
  readonly unnamedCaller: string | undefined;
  readonly clock: Clock;
}

const NAMES: readonly string[] = [
  ...VERIFICATION_OPTIONS,
  "trust",
  "documents",
  "pins",
  "replay",
  "proofs",
  "resultCacheSize",
  "clock",
];

/** @throws TypeError or RangeError naming the option; AgentPinError for an issuer that is none. */
export function readVerifierOptions(options: VerifierOptions): VerifierSettings {
  refuseUnknownOptions(options, NAMES);
  const { trust, pins, replay, proofs, clock = Date } = options;
  const trusts = readTrust(trust);
  const bundle = typeof trust === "object" && "bundle" in trust ? trust.bundle : undefined;
  const documents = options.documents ?? bundle;
  if (typeof documents?.lookUp !== "function") throw new TypeError("documents must be a document source");
  if (bundle !== undefined && documents !== bundle)
    throw new TypeError("documents must not be given with a bundle");
  const anybody = typeof trust === "object" && "tofu" in trust;
  if (anybody && pins === undefined) throw new TypeError("trust on first use needs pins");
  const rules = readVerificationRules(options);
  // A subject that does not name its domain could be claimed by any domain.
  if (rules.subjectFormat === "any" && (anybody || typeof trust === "function"))
    throw new TypeError('subjectFormat "any" needs trust in named issuers');
  if (pins !== undefined && typeof pins.store?.update !== "function")
    throw new TypeError("pins.store must be a pin store");
  if (replay !== undefined && typeof replay.putIfAbsent !== "function")
    throw new TypeError("replay must be a replay store");
  if (proofs !== undefined && typeof proofs.check !== "function")
    throw new TypeError("proofs must check proofs");
  return {
    rules,
    trusts,
    documents,
    pins:
      pins === undefined
        ? undefined
        : { store: pins.store, policy: choice("pins.policy", pins.policy, ["strict", "continuity"]) },
    replay,
    proofs,
    unnamedCaller: anybody || typeof trust === "function" ? "" : undefined,
    resultCacheSize: seconds("resultCacheSize", options.resultCacheSize, 0, 0, 100_000),
    clock,
  };
}
