import { HmacKey, hmacSha256 } from "@symbiont/keys";
import { constantTimeEqual, decodeBase64Url, encodeBase64Url, encodeUtf8 } from "@symbiont/kit";
import type { ServerNonces } from "./dpop-proofs.ts";

const TAG_LENGTH = 16;
const MIN_SECRET_LENGTH = 32;

/**
 * Nonces that need no memory: a time, stamped with a key that all servers of a service share. Whoever has one may use it
 * until it is old: that each proof is used once is up to the replay memory.
 */
export class StatelessNonces implements ServerNonces {
  readonly #key: HmacKey;
  readonly #lifetimeSeconds: number;

  /**
   * @param secret 32 bytes or more.
   * @param lifetimeSeconds how long a nonce is good. Default 60.
   * @throws RangeError
   */
  constructor(secret: Uint8Array, lifetimeSeconds = 60) {
    if (secret.length < MIN_SECRET_LENGTH) throw new RangeError("secret must be 32 bytes or more");
    if (!(Number.isInteger(lifetimeSeconds) && lifetimeSeconds > 0))
      throw new RangeError("lifetimeSeconds must be a positive integer");
    this.#key = new HmacKey(secret);
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  /** Makes a nonce. @param now seconds since the epoch. */
  create(now: number): string {
    const time = String(Math.floor(now));
    return `${time}-${encodeBase64Url(this.#stamp(time))}`;
  }

  isGood(nonce: string, now: number): boolean {
    const match = /^(\d{1,12})-([A-Za-z0-9_-]{22})$/.exec(nonce);
    if (match === null) return false;
    const [, time = "", stamp = ""] = match;
    const age = now - Number(time);
    // A second of grace for the fraction that was cut off.
    if (!(age >= -1 && age <= this.#lifetimeSeconds)) return false;
    try {
      return constantTimeEqual(decodeBase64Url(stamp), this.#stamp(time));
    } catch {
      return false;
    }
  }

  #stamp(time: string): Uint8Array {
    return hmacSha256(this.#key, encodeUtf8(`agentpin-nonce:${time}`)).slice(0, TAG_LENGTH);
  }
}
