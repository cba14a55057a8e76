import { type JsonObject, type JsonValue, parseJson } from "@symbiont/kit";
import type { WebhookPreset, WebhookProof } from "./preset.ts";
import { WebhookError } from "./webhook-error.ts";

/**
 * A delivery whose signature was verified. Only a verifier makes one; no other object has this type, so a function
 * that takes a `WebhookEvent` cannot be handed a delivery that nobody checked.
 */
export class WebhookEvent {
  readonly #preset: WebhookPreset<never>;
  readonly #proof: WebhookProof;
  readonly #rawBody: Uint8Array;
  readonly #replayed: boolean;

  /** @internal */
  constructor(preset: WebhookPreset<never>, proof: WebhookProof, rawBody: Uint8Array, replayed: boolean) {
    this.#preset = preset;
    this.#proof = proof;
    this.#rawBody = rawBody;
    this.#replayed = replayed;
  }

  /** Name of the preset. */
  get preset(): string {
    return this.#preset.name;
  }

  /** Which key matched, counted over `secrets` and then `publicKeys`. */
  get keyIndex(): number {
    return this.#proof.keyIndex;
  }

  /** The matching key's id, when it has one. */
  get keyId(): string | undefined {
    return this.#proof.keyId;
  }

  /** The sender's time in epoch milliseconds, when the scheme signs one. */
  get timestampMs(): number | undefined {
    return this.#proof.timestampMs;
  }

  /** The delivery's id, when the scheme signs one. A header that is not signed is never taken for it. */
  get id(): string | undefined {
    return this.#proof.id;
  }

  /** What exactly was signed, for schemes that sign claims or single fields rather than the body. */
  get claims(): JsonObject | undefined {
    return this.#proof.claims;
  }

  /** Whether the signature vouches for the body. When false, only the sender is known, not the content. */
  get bodyBound(): boolean {
    return this.#proof.bodyBound ?? this.#preset.bodyBound;
  }

  /** Whether the scheme is weaker than HMAC-SHA-256. */
  get legacy(): boolean {
    return this.#preset.legacy;
  }

  /** Whether the same delivery was seen before; always false unless replays are only reported. */
  get replayed(): boolean {
    return this.#replayed;
  }

  /** The body that was verified: the caller's own array, not a copy. */
  get rawBody(): Uint8Array {
    return this.#rawBody;
  }

  /**
   * Reads the body as JSON, bounded and without duplicate or prototype names; integers beyond 2^53 lose digits.
   * @throws WebhookError `WEBHOOK_MALFORMED_BODY`
   */
  json(): JsonValue {
    try {
      return parseJson(this.#rawBody, {
        maxBytes: Math.max(this.#rawBody.length, 1),
        reservedNames: [],
        unsafeIntegers: "round",
      });
    } catch {
      throw new WebhookError("WEBHOOK_MALFORMED_BODY", "body is not JSON that can be read safely");
    }
  }

  /** Facts for a log; neither body nor signature. */
  toJSON(): object {
    const { preset, keyIndex, keyId, timestampMs, id, bodyBound, legacy, replayed } = this;
    return { preset, keyIndex, keyId, timestampMs, id, bodyBound, legacy, replayed };
  }
}
