import type { Clock } from "@symbiont/kit";
import type { LegacyScan } from "../legacy-scan.ts";
import type { Peppers } from "../pepper.ts";
import { type ApiKeyRecord, type InactiveReason, inactiveReason } from "../record.ts";
import type { StaticKey } from "../static-token.ts";
import type { ApiKeyStore } from "../store.ts";
import { parseVerifier, type Verifier } from "../verifier.ts";
import { type Presented, readPresented } from "./presented.ts";
import type { SlowSecrets } from "./slow-secrets.ts";

/** Why nobody was authenticated. For the audit record, not for the caller. */
export type RefusalReason =
  | InactiveReason
  | "malformed"
  | "unknown_key"
  | "secret_mismatch"
  | "verifier_unsupported"
  | "pepper_unknown"
  | "unkeyed";

/** What came of a token. */
export type Authentication =
  | {
      readonly record: ApiKeyRecord;
      /** What its verifier may be made anew from; the static token has none. */
      readonly presented?: KeyedToken;
      /** Whether the record was found by trying. */
      readonly scanned?: boolean;
    }
  | { readonly reason: RefusalReason; readonly keyId?: string };

type KeyedToken = Extract<Presented, { kind: "keyed" }>;

/** What an {@link Authenticator} works with. */
export interface AuthenticatorParts {
  readonly store: ApiKeyStore;
  readonly clock: Clock;
  readonly prefix: string;
  readonly peppers: Peppers;
  readonly slowSecrets: SlowSecrets;
  readonly legacy: LegacyScan | undefined;
  readonly staticKey: StaticKey | undefined;
}

/** Finds out whose key a token is, from cheap to dear: shape, live record, state, and last the secret. */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  /** Stores that hold records in memory give the same object each time. */
  readonly #verifiers = new WeakMap<ApiKeyRecord, Verifier>();

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /** Answers at once where it can: a promise costs turns of the queue even when the answer is there. */
  authenticate(token: string, client: string | undefined): Authentication | Promise<Authentication> {
    const { staticKey } = this.#parts;
    if (staticKey?.matches(token) === true) return this.#static(staticKey);
    const presented = readPresented(token, this.#parts.prefix);
    if (presented.kind === "malformed") return { reason: "malformed" };
    if (presented.kind === "unkeyed") return this.#scan(token, client);
    const found = this.#parts.store.get(presented.keyId);
    return found !== undefined && "then" in found
      ? Promise.resolve(found).then((record) => this.#identify(record, presented, token, client))
      : this.#identify(found, presented, token, client);
  }

  #identify(
    record: ApiKeyRecord | undefined,
    presented: KeyedToken,
    token: string,
    client: string | undefined,
  ): Authentication | Promise<Authentication> {
    const { keyId } = presented;
    // An unknown id may be half a foreign secret: only ids that are public by their shape are passed on.
    if (record?.keyId !== keyId) return { reason: "unknown_key", ...(presented.generated && { keyId }) };
    const verdict = this.#judge(record, presented, token, client);
    return verdict instanceof Promise
      ? verdict.then((settled) => authentication(settled, presented))
      : authentication(verdict, presented);
  }

  /** @returns the record to go by, or why there is none. */
  #judge(
    record: ApiKeyRecord,
    presented: KeyedToken,
    token: string,
    client: string | undefined,
  ): ApiKeyRecord | RefusalReason | Promise<ApiKeyRecord | RefusalReason> {
    const inactive = inactiveReason(record, this.#parts.clock.now());
    if (inactive !== undefined) return inactive;
    const verifier = this.#verifier(record);
    if (verifier === undefined) return "verifier_unsupported";
    const { keyId, secret, generated } = presented;
    if (verifier.kind === "argon2id")
      return this.#parts.slowSecrets.judge(record, { secret, token, client, throttleKeyId: keyId });
    // A fast verifier is safe for secrets that nobody chose.
    if (!generated) return "secret_mismatch";
    const matches = this.#parts.peppers.matches(verifier.pepperId, verifier.tag, keyId, secret);
    if (matches === undefined) return "pepper_unknown";
    return matches ? record : "secret_mismatch";
  }

  /** The store is asked here too: a broken one lets nobody in, and a record of this id in it is the one that counts. */
  async #static({ record }: StaticKey): Promise<Authentication> {
    const live = (await this.#parts.store.get(record.keyId)) ?? record;
    const inactive = inactiveReason(live, this.#parts.clock.now());
    return inactive === undefined ? { record: live } : { reason: inactive, keyId: record.keyId };
  }

  /** Tries a token without id on every record, or on the one that is known to be its own. */
  async #scan(token: string, client: string | undefined): Promise<Authentication> {
    const { legacy, slowSecrets, clock, store } = this.#parts;
    if (legacy === undefined || clock.now() >= legacy.until) return { reason: "unkeyed" };
    const known = slowSecrets.knownKeyId(token);
    const candidates =
      known === undefined ? await this.#candidates(legacy, client) : [await store.get(known)];
    for (const candidate of candidates) {
      if (candidate === undefined || inactiveReason(candidate, clock.now()) !== undefined) continue;
      if (this.#verifier(candidate)?.kind !== "argon2id") continue;
      const record = await slowSecrets.judge(candidate, { secret: token, token });
      if (typeof record === "string") continue;
      const { keyId } = record;
      const presented = { kind: "keyed", keyId, secret: token, generated: false } as const;
      return { record, presented, scanned: true };
    }
    return { reason: "unkeyed" };
  }

  /** All records that a token without an id could belong to; none when they are more than was agreed to. */
  async #candidates(legacy: LegacyScan, client: string | undefined): Promise<readonly ApiKeyRecord[]> {
    await this.#parts.slowSecrets.throttle(client, undefined);
    const records = await this.#parts.store.list({ limit: legacy.maxRecords + 1 });
    return records.length > legacy.maxRecords ? [] : records;
  }

  #verifier(record: ApiKeyRecord): Verifier | undefined {
    let verifier = this.#verifiers.get(record);
    if (verifier === undefined) {
      verifier = parseVerifier(record.keyHash);
      if (verifier !== undefined) this.#verifiers.set(record, verifier);
    }
    return verifier;
  }
}

function authentication(verdict: ApiKeyRecord | RefusalReason, presented: KeyedToken): Authentication {
  return typeof verdict === "string"
    ? { reason: verdict, keyId: presented.keyId }
    : { record: verdict, presented };
}
