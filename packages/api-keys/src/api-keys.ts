import type { Clock } from "@symbiont/kit";
import { ConnectionTickets, type ConnectionTicketsOptions } from "./connection-tickets.ts";
import { ApiKeyError } from "./errors.ts";
import { Argon2 } from "./internal/argon2.ts";
import { type Actor, AuditTrail } from "./internal/audit-trail.ts";
import { Authenticator } from "./internal/authenticator.ts";
import { HashCache } from "./internal/hash-cache.ts";
import { LastUsed } from "./internal/last-used.ts";
import { readPresented } from "./internal/presented.ts";
import { RecordChanges } from "./internal/record-changes.ts";
import { Rehash } from "./internal/rehash.ts";
import { SlowSecrets } from "./internal/slow-secrets.ts";
import { Verifications, type VerifyKeyOptions } from "./internal/verifications.ts";
import { isWeakSecret } from "./internal/weak-secret.ts";
import { IssuedToken } from "./issued-token.ts";
import {
  type DescribedKey,
  describeNewKey,
  describeSuccessor,
  type KeyAccess,
  type KeyDetails,
  text,
} from "./key-details.ts";
import { checkedLegacyScan } from "./legacy-scan.ts";
import { type ApiKeysOptions, checkedCount } from "./options.ts";
import { Peppers } from "./pepper.ts";
import { type ApiKeyInfo, type ApiKeyRecord, describeKey, inactiveReason } from "./record.ts";
import { StaticKey } from "./static-token.ts";
import type { ApiKeyQuery, ApiKeyStore } from "./store.ts";
import { checkedPrefix, generateToken, tokenDisplay } from "./token.ts";
import type { VerifiedKey } from "./verified-key.ts";

const MINUTE_MS = 60_000;

type GeneratedToken = ReturnType<typeof generateToken>;

/** Said with every administrative call. */
export interface ActorOption {
  /** Default the system itself. */
  readonly actor?: Actor;
}

/** A new key and its token, which is stored nowhere. */
export interface IssuedKey {
  readonly token: IssuedToken;
  readonly key: ApiKeyInfo;
}

/** A key that was issued elsewhere. */
export interface ForeignKey {
  /** 1 to 256 printable ASCII characters without a dot. */
  readonly keyId: string;
  /** What follows the dot in the token; at least 20 characters. */
  readonly secret: string;
}

/** How a key is replaced. */
export interface RotateOptions extends ActorOption {
  /** How long the old key stays good, in milliseconds. 0 ends it now. */
  readonly graceMs: number;
  /** Of the new key: epoch milliseconds, or `"never"`. Default 90 days from now. */
  readonly expiresAt?: number | "never";
}

/**
 * API keys: issues, verifies, rotates and revokes them. The store is asked at every verification, so that what
 * one process revokes no other accepts any more.
 */
export class ApiKeys {
  readonly #store: ApiKeyStore;
  readonly #clock: Clock;
  readonly #changes: RecordChanges;
  readonly #prefix: string;
  readonly #hashing: "argon2id" | "hmac-sha256";
  readonly #peppers: Peppers;
  readonly #argon2: Argon2;
  readonly #audit: AuditTrail;
  readonly #lastUsed: LastUsed;
  readonly #rehash: Rehash | undefined;
  readonly #verifications: Verifications;

  /**
   * @throws TypeError
   * @throws RangeError
   */
  constructor(options: ApiKeysOptions) {
    this.#store = options.store;
    this.#clock = options.clock ?? Date;
    this.#changes = new RecordChanges(this.#store, this.#clock);
    this.#prefix = checkedPrefix(options.prefix ?? "ak");
    this.#hashing = options.hashing ?? "argon2id";
    this.#peppers = new Peppers(options.peppers ?? []);
    if (this.#hashing !== "argon2id" && this.#hashing !== "hmac-sha256")
      throw new TypeError("hashing must be argon2id or hmac-sha256");
    if (this.#hashing === "hmac-sha256" && this.#peppers.currentId === undefined)
      throw new TypeError("hashing hmac-sha256 needs peppers");
    this.#argon2 = new Argon2({
      concurrency: checkedCount("hashConcurrency", options.hashConcurrency ?? 2, 1),
      capacity: checkedCount("hashQueue", options.hashQueue ?? 64, 0),
    });
    this.#audit = new AuditTrail(options.audit);
    if (options.audit !== undefined) this.#store.watch?.((event) => this.#audit.stored(event));
    this.#lastUsed = new LastUsed(
      this.#store,
      checkedCount("lastUsedMs", options.lastUsedMs ?? MINUTE_MS, 0),
    );
    if (options.rehashOnVerify === true)
      this.#rehash = new Rehash(this.#store, this.#peppers, this.#argon2, this.#hashing);
    const hashCacheMs = checkedCount("hashCacheMs", options.hashCacheMs ?? 10 * MINUTE_MS, 0);
    const staticKey = options.staticToken === undefined ? undefined : new StaticKey(options.staticToken);
    const authenticator = new Authenticator({
      store: this.#store,
      clock: this.#clock,
      prefix: this.#prefix,
      peppers: this.#peppers,
      slowSecrets: new SlowSecrets({
        store: this.#store,
        clock: this.#clock,
        argon2: this.#argon2,
        cache: new HashCache(hashCacheMs),
        gate: options.throttle,
      }),
      legacy: checkedLegacyScan(options.legacy),
      staticKey,
    });
    this.#verifications = new Verifications({
      find: async (keyId) =>
        (await this.#store.get(keyId)) ?? (keyId === staticKey?.record.keyId ? staticKey.record : undefined),
      clock: this.#clock,
      authenticator,
      audit: this.#audit,
      auditSuccess: options.auditSuccess ?? false,
      lastUsed: this.#lastUsed,
      rehash: this.#rehash,
    });
  }

  /**
   * Finds out whose key a token is, and whether it is good for what is required.
   *
   * The caller learns one refusal for every reason; key ids are not secret, and how long a refusal takes does
   * tell whether an id exists.
   * @throws ApiKeyError `API_KEY_REFUSED` (401), `API_KEY_SCOPE_DENIED` (403, for a valid key),
   * `API_KEY_THROTTLED` (429), `API_KEY_BUSY` (503), `API_KEY_STORE_UNAVAILABLE`, `API_KEY_STORE_CORRUPT` (503).
   * @throws TypeError when a requirement is there but undefined or of the wrong type.
   */
  verify(token: string, options: VerifyKeyOptions = {}): Promise<VerifiedKey> {
    return this.#verifications.verify(token, options);
  }

  /**
   * Looks whether a key that was verified here before is still good, and for what, without its secret: for connections
   * that stay open. See {@link ConnectionWatch}.
   * @throws ApiKeyError as {@link ApiKeys.verify}.
   * @throws TypeError for anything but the very object that `verify`, `recheck` or `redeem` returned.
   */
  recheck(key: VerifiedKey, options: VerifyKeyOptions = {}): Promise<VerifiedKey> {
    return this.#verifications.recheck(key, options);
  }

  /** Tickets that stand in for a key where no header can be sent, as with the WebSockets of browsers. */
  connectionTickets(options: ConnectionTicketsOptions = {}): ConnectionTickets {
    return new ConnectionTickets(this.#verifications, options);
  }

  /**
   * Issues a key.
   * @throws ApiKeyError `API_KEY_AUDIT_FAILED`, `API_KEY_BUSY`, and those of the store.
   * @throws TypeError or RangeError for wrong details.
   */
  async create(details: KeyAccess & KeyDetails & ActorOption): Promise<IssuedKey> {
    const described = describeNewKey(details, this.#clock.now());
    const token = generateToken(this.#prefix);
    const act = { type: "api_key.create", keyId: token.keyId, actor: details.actor } as const;
    return this.#audit.around(act, () => this.#issue(token, described));
  }

  /**
   * Takes over a key that was issued elsewhere. Its verifier is always Argon2id: people may have chosen the secret.
   * @throws ApiKeyError `API_KEY_WEAK_SECRET`, `API_KEY_EXISTS`, `API_KEY_AUDIT_FAILED`, `API_KEY_BUSY`, and
   * those of the store.
   * @throws TypeError or RangeError for wrong details.
   */
  async importKey(foreign: ForeignKey & KeyAccess & KeyDetails & ActorOption): Promise<ApiKeyInfo> {
    const { keyId, secret } = foreign;
    const presented = readPresented(`${keyId}.${secret}`, this.#prefix);
    if (presented.kind !== "keyed" || presented.keyId !== keyId)
      throw new RangeError(
        "keyId and secret must make a token that can be verified, and no broken one of ours",
      );
    if (isWeakSecret(secret)) throw new ApiKeyError("API_KEY_WEAK_SECRET", "the secret is too easy to guess");
    const described = describeNewKey(foreign, this.#clock.now());
    return this.#audit.around({ type: "api_key.import", keyId, actor: foreign.actor }, async () => {
      const record = { ...described, keyId, keyHash: await this.#argon2.verifier(secret) };
      await this.#changes.insert(record);
      return describeKey(record);
    });
  }

  /**
   * Issues a successor with the same rights; both are good for `graceMs`.
   * @throws ApiKeyError `API_KEY_NOT_FOUND`, `API_KEY_INACTIVE`, `API_KEY_CONFLICT`, `API_KEY_AUDIT_FAILED`,
   * `API_KEY_BUSY`, and those of the store. Whenever it throws, nobody has the token of a successor.
   */
  async rotate(keyId: string, options: RotateOptions): Promise<IssuedKey> {
    const graceMs = checkedCount("graceMs", options.graceMs, 0);
    const now = this.#clock.now();
    const old = await this.#changes.existing(keyId);
    if (inactiveReason(old, now) !== undefined || old.replacedBy !== undefined)
      throw new ApiKeyError("API_KEY_INACTIVE", "the key is not active or was replaced already");
    const described = describeSuccessor(old, options.expiresAt, now);
    const token = generateToken(this.#prefix);
    const data = { successor: token.keyId };
    return this.#audit.around({ type: "api_key.rotate", keyId, actor: options.actor, data }, async () => {
      const issued = await this.#issue(token, described);
      try {
        const end = Math.min(old.expiresAt ?? Number.POSITIVE_INFINITY, now + graceMs);
        await this.#changes.replace(old, { expiresAt: end, replacedBy: token.keyId });
      } catch (error) {
        await this.#changes.revoke(token.keyId, "rotation failed");
        throw error;
      }
      return issued;
    });
  }

  /**
   * Ends a key for good, at once and for everybody. Revoking twice changes nothing.
   * @param reason stored and shown; at most 256 characters.
   * @throws ApiKeyError `API_KEY_NOT_FOUND`, `API_KEY_CONFLICT`, those of the store, and `API_KEY_AUDIT_FAILED`
   * *after* the key was revoked: a broken audit sink must not keep a stolen key alive.
   */
  async revoke(keyId: string, reason: string, options: ActorOption = {}): Promise<ApiKeyInfo> {
    text("reason", reason, 256);
    const record = await this.#changes.revoke(keyId, reason);
    await this.#audit.done({ type: "api_key.revoke", keyId, actor: options.actor, data: { reason } });
    return describeKey(record);
  }

  /** One page of keys, without verifiers. */
  async list(query: ApiKeyQuery = {}): Promise<readonly ApiKeyInfo[]> {
    if (query.limit !== undefined) checkedCount("limit", query.limit, 1);
    return (await this.#store.list(query)).map(describeKey);
  }

  /**
   * Marks expired keys as revoked. Expiry counts without it; this is for readers that do not know of
   * expiry, as Symbiont. Call it now and then.
   * @returns how many were marked.
   * @throws ApiKeyError as {@link ApiKeys.revoke}.
   */
  async sweep(): Promise<number> {
    const expiresBefore = this.#clock.now() + 1;
    let swept = 0;
    let page: readonly ApiKeyRecord[] = await this.#store.list({ expiresBefore });
    while (page.length > 0) {
      for (const { keyId } of page) {
        await this.revoke(keyId, "expired");
        swept += 1;
      }
      page = await this.#store.list({ expiresBefore, after: (page.at(-1) as ApiKeyRecord).keyId });
    }
    return swept;
  }

  /** Writes what is not written yet. The object may be used on. */
  async close(): Promise<void> {
    await this.#rehash?.settled();
    await this.#lastUsed.flush();
  }

  /** Closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #issue(token: GeneratedToken, described: DescribedKey): Promise<IssuedKey> {
    const { keyId, secret } = token;
    const keyHash =
      this.#hashing === "hmac-sha256"
        ? this.#peppers.verifier(keyId, secret)
        : await this.#argon2.verifier(secret);
    const record: ApiKeyRecord = { ...described, keyId, keyHash, display: tokenDisplay(token) };
    await this.#changes.insert(record);
    return { token: new IssuedToken(token.text), key: describeKey(record) };
  }
}
