import type { Clock, RateGate } from "@symbiont/kit";
import { ApiKeyError } from "../errors.ts";
import { type ApiKeyRecord, type InactiveReason, inactiveReason } from "../record.ts";
import type { ApiKeyStore } from "../store.ts";
import type { Argon2 } from "./argon2.ts";
import type { HashCache } from "./hash-cache.ts";

/** What {@link SlowSecrets} work with. */
export interface SlowSecretsParts {
  readonly store: ApiKeyStore;
  readonly clock: Clock;
  readonly argon2: Argon2;
  readonly cache: HashCache;
  readonly gate: RateGate | undefined;
}

/** One secret that was presented for a record. */
export interface SlowSecretAttempt {
  readonly secret: string;
  /** The whole token; what the outcome is remembered by. */
  readonly token: string;
  readonly client?: string | undefined;
  /** Key id to count the attempt against; absent when it was counted already. */
  readonly throttleKeyId?: string;
}

/** Secrets whose verifier is slow: hashed when the cache does not know better and the throttle agrees. */
export class SlowSecrets {
  readonly #parts: SlowSecretsParts;

  constructor(parts: SlowSecretsParts) {
    this.#parts = parts;
  }

  /**
   * @param record active, and with an Argon2id verifier within bounds.
   * @returns the record as it is after the hash, or why there is none.
   * @throws ApiKeyError `API_KEY_THROTTLED`, `API_KEY_BUSY`, and those of the store.
   */
  async judge(
    record: ApiKeyRecord,
    attempt: SlowSecretAttempt,
  ): Promise<ApiKeyRecord | InactiveReason | "secret_mismatch" | "unknown_key"> {
    const { cache, argon2, clock, store } = this.#parts;
    const { keyId, version, keyHash } = record;
    const digest = cache.digest(attempt.token);
    const known = cache.get(digest, clock.now());
    if (known?.keyId === keyId && known.version === version && known.keyHash === keyHash)
      return known.matches ? record : "secret_mismatch";

    if (attempt.throttleKeyId !== undefined) await this.throttle(attempt.client, attempt.throttleKeyId);
    const matches = await argon2.matches(keyHash, attempt.secret, digest);
    cache.set(digest, { keyId, version, keyHash, matches }, clock.now());
    if (!matches) return "secret_mismatch";
    // The hash took its time, and more in the queue: what was changed meanwhile counts.
    const now = await store.get(keyId);
    if (now === undefined) return "unknown_key";
    if (now.keyHash !== keyHash) return "secret_mismatch";
    return inactiveReason(now, clock.now()) ?? now;
  }

  /** The key that a token without id was found to belong to, or not to, a moment ago. */
  knownKeyId(token: string): string | undefined {
    const { cache, clock } = this.#parts;
    return cache.get(cache.digest(token), clock.now())?.keyId;
  }

  /** Asked before every slow hash that the cache does not spare, so it counts failures and first uses only. */
  async throttle(client: string | undefined, keyId: string | undefined): Promise<void> {
    const { gate } = this.#parts;
    if (gate === undefined) return;
    if (client !== undefined) await take(gate, `client:${client}`);
    if (keyId !== undefined) await take(gate, `key:${keyId}`);
  }
}

async function take(gate: RateGate, key: string): Promise<void> {
  const { allowed, retryAfterMs } = await gate.take(key);
  if (allowed !== true) throw new ApiKeyError("API_KEY_THROTTLED", "too many attempts", { retryAfterMs });
}
