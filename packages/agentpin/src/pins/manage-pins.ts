import { checkIssuerName } from "../documents/issuer-name.ts";
import type { PinStore, PinTrust } from "./pin-store.ts";
import { readThumbprint } from "./thumbprint.ts";

/** A key that an operator pins. */
export interface PinRequest {
  readonly domain: string;
  /** In hexadecimal, or base64url. */
  readonly thumbprint: string;
  readonly kid: string;
  /** `verified`: a person compared it over another channel. `pinned`: the operator says so, and continuity does not apply. */
  readonly trust: Exclude<PinTrust, "tofu">;
  /** Epoch milliseconds. Default now. */
  readonly now?: number;
}

/**
 * Pins a key beside those that a domain has; one that is pinned already gets the new trust.
 * @throws TypeError; AgentPinError `AGENTPIN_DISCOVERY_INVALID`, and as the store throws.
 */
export async function pinKey(store: PinStore, request: PinRequest): Promise<void> {
  const domain = checkIssuerName(request.domain);
  const thumbprint = readThumbprint(request.thumbprint);
  if (thumbprint === undefined)
    throw new TypeError("thumbprint must be a SHA-256 digest in hexadecimal or base64url");
  const { kid, trust, now = Date.now() } = request;
  if (trust !== "verified" && trust !== "pinned") throw new TypeError('trust must be "verified" or "pinned"');
  await store.update(domain, (current) => {
    const known = current?.keys.find((key) => key.thumbprint === thumbprint);
    const others = current?.keys.filter((key) => key !== known) ?? [];
    const key = {
      kid,
      thumbprint,
      firstSeen: known?.firstSeen ?? now,
      lastSeen: known?.lastSeen ?? now,
      trust,
    };
    return Object.freeze({ domain, keys: Object.freeze([...others, Object.freeze(key)]) });
  });
}

/**
 * Takes a key's pin away, or all of a domain. Without its last key a domain keeps an empty list, which refuses every key;
 * only without a list is the next key seen for the first time.
 *
 * @param thumbprint default all of them, and the list itself.
 * @throws TypeError; AgentPinError `AGENTPIN_DISCOVERY_INVALID`, and as the store throws.
 */
export async function unpinKey(store: PinStore, domain: string, thumbprint?: string): Promise<void> {
  const name = checkIssuerName(domain);
  const wanted = thumbprint === undefined ? undefined : readThumbprint(thumbprint);
  if (thumbprint !== undefined && wanted === undefined)
    throw new TypeError("thumbprint must be a SHA-256 digest in hexadecimal or base64url");
  await store.update(name, (current) => {
    if (wanted === undefined || current === undefined) return undefined;
    const keys = current.keys.filter((key) => key.thumbprint !== wanted);
    return keys.length === current.keys.length
      ? current
      : Object.freeze({ domain: name, keys: Object.freeze(keys) });
  });
}
