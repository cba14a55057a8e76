import type { PinId } from "./pin-store.ts";
import type { SchemaChange } from "./schema-diff.ts";

/** What a person is asked about something that is correctly signed, but not what is pinned. */
export interface PinQuestion {
  /**
   * `first_time_key`: nothing is pinned. `key_change`: another key is. `definition_change`: the same key signed another
   * definition.
   */
  readonly prompt: "first_time_key" | "key_change" | "definition_change";
  readonly kind: PinId["kind"];
  readonly domain: string;
  /** Fit to be shown, as all text here is: nothing hidden in it, not too long. */
  readonly subject: string;
  readonly newKey: { readonly fingerprint: string; readonly developerName?: string };
  readonly currentKey?: { readonly fingerprint: string };
  /** `sha256:<hex>` of the definition that is asked about. */
  readonly digest: string;
  /** What changed; absent when nothing is pinned, or the pinned definition was too long to be kept. */
  readonly diff?: readonly SchemaChange[];
  readonly evidence: {
    /** When the pin was made, in epoch milliseconds. */
    readonly firstSeen?: number;
    /** A revoked key is never asked about. */
    readonly revocation: "not_revoked";
  };
}

/**
 * - `accept`: pin it.
 * - `reject`: refuse it; it will be asked about again.
 * - `always_trust`: pin it, and trust what else is first seen of this domain.
 * - `never_trust`: refuse it, and everything of this domain, pinned or not.
 * - `temporary_accept`: allow exactly this as long as the process runs, without a pin.
 */
export type PinChoice = "accept" | "reject" | "always_trust" | "never_trust" | "temporary_accept";

/** What a person said, and who it was. */
export interface PinDecision {
  readonly choice: PinChoice;
  readonly by?: string;
}

/** Asks a person. What it throws, and an answer that is none, are a no. */
export interface DecisionHandler {
  /** @param signal is aborted when the answer is no longer waited for. */
  decide(question: PinQuestion, signal: AbortSignal): Promise<PinDecision>;
}

/**
 * What holds for a domain before anybody is asked. `always_trust` is about first use only: no policy replaces a key
 * that is pinned. `interactive_only`: first use is always asked about, and refused when there is nobody to ask.
 */
export type DomainPolicy = "default" | "always_trust" | "never_trust" | "interactive_only";
