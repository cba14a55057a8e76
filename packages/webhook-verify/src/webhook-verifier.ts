import type { ReplayStore } from "@symbiont/kit";
import type { PreparedPreset, WebhookPreset, WebhookProof } from "./preset.ts";
import { type ReplayOptions, type ReplaySettings, readReplayOptions } from "./replay-store.ts";
import { WebhookError } from "./webhook-error.ts";
import { WebhookEvent } from "./webhook-event.ts";
import type { WebhookRequest } from "./webhook-request.ts";

/** Options of every verifier, whatever the preset. */
export interface VerifierOptions {
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Refuses a delivery that comes again. Default: none, except that presets which sign no body insist on one. */
  readonly replay?: ReplayOptions | ReplayStore;
  /** Largest body in bytes, up to 256 MiB. Default the preset's, mostly 1 MiB. */
  readonly maxBodyBytes?: number;
}

/** Verifies the deliveries of one endpoint. */
export interface WebhookVerifier {
  /** Name of the preset. */
  readonly preset: string;
  /**
   * Gives the delivery as an event that may be trusted.
   * @throws WebhookError (as a rejection) with any of its codes.
   * @throws TypeError (as a rejection) when `rawBody` is not a Uint8Array.
   */
  verify(request: WebhookRequest): Promise<WebhookEvent>;
  /**
   * The same without a promise, for servers whose deliveries are so many that a promise shows. Only where nothing has
   * to be waited for: no `replay`, keys at hand, a runtime with Node's crypto, and a preset that does not wait.
   * @throws WebhookError with any of its codes.
   * @throws TypeError when `rawBody` is not a Uint8Array, or when the verifier has something to wait for.
   */
  verifySync(request: WebhookRequest): WebhookEvent;
}

const MAX_BODY_BYTES = 268_435_456;

/**
 * Builds a verifier: checks all options and imports the keys, once. Keep it for the life of the endpoint.
 * @throws TypeError or RangeError naming the option, never its content.
 */
export function createWebhookVerifier<Options>(
  preset: WebhookPreset<Options>,
  options: NoInfer<Options> & VerifierOptions,
): WebhookVerifier {
  return new Verifier(preset, options);
}

/**
 * Verifies one delivery. For more than a few, {@link createWebhookVerifier} spares the import of the keys.
 * @throws WebhookError (as a rejection) with any of its codes; TypeError or RangeError for a wrong option.
 */
export async function verifyWebhook<Options>(
  preset: WebhookPreset<Options>,
  request: WebhookRequest,
  options: NoInfer<Options> & VerifierOptions,
): Promise<WebhookEvent> {
  return createWebhookVerifier<Options>(preset, options).verify(request);
}

class Verifier<Options> implements WebhookVerifier {
  readonly #preset: WebhookPreset<Options>;
  readonly #prepared: PreparedPreset;
  readonly #now: () => number;
  readonly #replay: ReplaySettings | undefined;
  readonly #maxBodyBytes: number;

  constructor(preset: WebhookPreset<Options>, options: Options & VerifierOptions) {
    const { now = Date.now, replay, maxBodyBytes = preset.maxBodyBytes } = options;
    if (typeof now !== "function") throw new TypeError("now must be a function");
    if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 1 || maxBodyBytes > MAX_BODY_BYTES)
      throw new RangeError(
        `maxBodyBytes must be an integer from 1 to ${MAX_BODY_BYTES}, got ${String(maxBodyBytes)}`,
      );
    if (preset.needsReplayStore === true && replay === undefined)
      throw new TypeError(`replay is required: ${preset.name} signs a token that must not be used twice`);
    this.#preset = preset;
    this.#now = now;
    this.#maxBodyBytes = maxBodyBytes;
    this.#replay = replay === undefined ? undefined : readReplayOptions(replay);
    this.#prepared = preset.prepare(options);
  }

  get preset(): string {
    return this.#preset.name;
  }

  /** Not an async function: that would cost more than the promise that is made here. */
  verify(request: WebhookRequest): Promise<WebhookEvent> {
    try {
      const proof = this.#prove(request);
      if (isPending(proof) || this.#replay !== undefined) return this.#wait(proof, request.rawBody);
      return Promise.resolve(this.#event(proof, request.rawBody, false));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  verifySync(request: WebhookRequest): WebhookEvent {
    // Asked before anything else: a store that is asked and not waited for would burn the delivery.
    if (this.#replay !== undefined)
      throw new TypeError("verifySync must not be used with replay; use verify");
    const proof = this.#prove(request);
    if (isPending(proof)) {
      proof.then(undefined, () => undefined);
      throw new TypeError(`verifySync must not be used where ${this.#preset.name} has to wait; use verify`);
    }
    return this.#event(proof, request.rawBody, false);
  }

  async #wait(pending: WebhookProof | PromiseLike<WebhookProof>, rawBody: Uint8Array): Promise<WebhookEvent> {
    let proof: WebhookProof;
    try {
      proof = await pending;
    } catch (error) {
      throw asRefusal(error);
    }
    const event = this.#event(proof, rawBody, false);
    if (this.#replay === undefined || (await this.#isNew(proof, this.#replay))) return event;
    return this.#event(proof, rawBody, true);
  }

  /** A preset that forgets to refuse gives no proof, or the index of a key that was not found. */
  #event(proof: WebhookProof | undefined, rawBody: Uint8Array, replayed: boolean): WebhookEvent {
    if (proof === undefined || proof === null || !(proof.keyIndex >= 0))
      throw new WebhookError("WEBHOOK_CHECK_FAILED", "preset gave no proof");
    return new WebhookEvent(this.#preset, proof, rawBody, replayed);
  }

  #prove(request: WebhookRequest): WebhookProof | PromiseLike<WebhookProof> {
    const { rawBody } = request;
    if (!(rawBody instanceof Uint8Array))
      throw new TypeError("rawBody must be the Uint8Array that came over the wire, before any body parser");
    if (rawBody.length > this.#maxBodyBytes)
      throw new WebhookError("WEBHOOK_BODY_TOO_LARGE", `body is larger than ${this.#maxBodyBytes} bytes`);
    try {
      return this.#prepared.check(request, this.#now());
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** Only after the signature: otherwise anybody could fill the store, or burn a delivery that is on its way. */
  async #isNew(proof: WebhookProof, { store, onReplay, ttlMs }: ReplaySettings): Promise<boolean> {
    let isNew: boolean;
    try {
      const key = `${this.#preset.name}:${proof.identity()}`;
      isNew = (await store.putIfAbsent(key, proof.windowMs ?? ttlMs)) === true;
    } catch (cause) {
      throw new WebhookError("WEBHOOK_REPLAY_STORE_FAILED", "replay store failed", { cause });
    }
    if (!isNew && onReplay === "refuse")
      throw new WebhookError("WEBHOOK_REPLAYED", "delivery was already accepted once");
    return isNew;
  }
}

/** Any promise, also one of another realm, which is no instance of this one's class. */
function isPending(proof: WebhookProof | PromiseLike<WebhookProof>): proof is PromiseLike<WebhookProof> {
  return typeof (proof as Partial<PromiseLike<WebhookProof>> | undefined)?.then === "function";
}

/** A failure that no check foresaw refuses too; without its cause, which may hold a piece of the delivery. */
function asRefusal(error: unknown): Error {
  if (WebhookError.is(error) || error instanceof TypeError) return error;
  return new WebhookError("WEBHOOK_CHECK_FAILED", "signature could not be checked");
}
