import type { Clock } from "@symbiont/kit";
import { ApiKeyError } from "../errors.ts";
import { type ApiKeyRecord, inactiveReason } from "../record.ts";
import type { ApiKeyStore } from "../store.ts";
import {
  checkGenuine,
  checkRequirements,
  type KeyRequirements,
  unmetRequirement,
  type VerifiedKey,
  verifiedKey,
} from "../verified-key.ts";
import { type AuditTrail, asApiKeyError, type Verification } from "./audit-trail.ts";
import type { Authentication, Authenticator } from "./authenticator.ts";
import type { LastUsed } from "./last-used.ts";
import type { Rehash } from "./rehash.ts";

/** What a verification is about. */
export interface VerifyKeyOptions extends KeyRequirements {
  /** Address or name of the caller, for the throttle and the audit record. */
  readonly client?: string;
}

/** What {@link Verifications} work with. */
export interface VerificationsParts {
  readonly find: ApiKeyStore["get"];
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly audit: AuditTrail;
  readonly auditSuccess: boolean;
  readonly lastUsed: LastUsed;
  readonly rehash: Rehash | undefined;
}

/** The ways to a verified key: by its token, or, once that was seen, by its id. Each ends on the live record. */
export class Verifications {
  readonly #parts: VerificationsParts;
  /** Keys found by a scan; at most as many as there are keys. */
  readonly #scanned = new Set<string>();

  constructor(parts: VerificationsParts) {
    this.#parts = parts;
  }

  /** By a token. */
  async verify(token: string, options: VerifyKeyOptions): Promise<VerifiedKey> {
    checkRequirements(options);
    const { authenticator, rehash } = this.#parts;
    let authentication: Authentication;
    try {
      const found = authenticator.authenticate(token, options.client);
      authentication = found instanceof Promise ? await found : found;
    } catch (error) {
      throw this.#failed(error, options);
    }
    if ("reason" in authentication) throw this.#refused({ client: options.client, ...authentication });
    const { record, presented, scanned = false } = authentication;
    const key = this.#admit(record, options);
    if (presented !== undefined) rehash?.consider(record, presented);
    if (scanned) this.#noteScan(key.keyId, options);
    return key;
  }

  /** By a key that was verified here before. */
  async recheck(key: VerifiedKey, options: VerifyKeyOptions): Promise<VerifiedKey> {
    checkGenuine(key, this);
    return this.#admit(await this.#live(key.keyId, options), options);
  }

  /** By a ticket that was made for a key in this very version. */
  async redeem(
    take: () => Promise<{ readonly keyId: string; readonly version: number } | TicketRefusal>,
    options: VerifyKeyOptions,
  ): Promise<VerifiedKey> {
    checkRequirements(options);
    const { client } = options;
    let ticket: Awaited<ReturnType<typeof take>>;
    try {
      ticket = await take();
    } catch (error) {
      throw this.#failed(error, options);
    }
    if ("reason" in ticket) throw this.#refused({ client, ...ticket });
    const { keyId, version } = ticket;
    const record = await this.#live(keyId, options);
    if (record.version !== version) throw this.#refused({ client, keyId, reason: "ticket_outdated" });
    return this.#admit(record, options);
  }

  /** The one refusal for every reason; the reason goes into the audit record. */
  #refused(verification: Verification): ApiKeyError {
    const refusal = new ApiKeyError("API_KEY_REFUSED", "the API key is not valid");
    return this.#parts.audit.refused(refusal, verification);
  }

  /** The record of a key whose secret was seen before, as it stands now and active. */
  async #live(keyId: string, options: VerifyKeyOptions): Promise<ApiKeyRecord> {
    checkRequirements(options);
    const { client } = options;
    const { find, clock } = this.#parts;
    let record: ApiKeyRecord | undefined;
    let reason: string | undefined = "unknown_key";
    try {
      record = await find(keyId);
      if (record?.keyId === keyId) reason = inactiveReason(record, clock.now());
    } catch (error) {
      throw this.#failed(error, options);
    }
    if (record === undefined || reason !== undefined) throw this.#refused({ client, keyId, reason });
    return record;
  }

  /** Grants what is required, or says that the key is not good for it. */
  #admit(record: ApiKeyRecord, options: VerifyKeyOptions): VerifiedKey {
    const { audit, auditSuccess, clock, lastUsed } = this.#parts;
    const { client } = options;
    const { keyId } = record;
    const unmet = unmetRequirement(record, options);
    if (unmet !== undefined) {
      const denied = new ApiKeyError("API_KEY_SCOPE_DENIED", "the key is not good for this");
      throw audit.refused(denied, { client, keyId, reason: unmet });
    }
    const now = clock.now();
    lastUsed.mark(keyId, now);
    if (auditSuccess) audit.verified({ client, keyId });
    return verifiedKey(record, now, this);
  }

  #failed(error: unknown, { client }: VerifyKeyOptions): ApiKeyError {
    return this.#parts.audit.refused(asApiKeyError(error), { client });
  }

  /** Once for each key: who migrates learns which keys are still presented without their id. */
  #noteScan(keyId: string, { client }: VerifyKeyOptions): void {
    if (this.#scanned.has(keyId)) return;
    this.#scanned.add(keyId);
    this.#parts.audit.verified({ client, keyId, reason: "legacy_scan" });
  }
}

/** Why a ticket stands for no key. */
export type TicketRefusalReason = "ticket_unknown" | "ticket_origin" | "ticket_outdated";

/** What {@link Verifications.redeem} is told when there is no ticket. */
export interface TicketRefusal {
  readonly reason: TicketRefusalReason;
  readonly keyId?: string;
}
