import type { AuditReceipt, AuditRecord, AuditSink, JsonObject, Principal } from "@symbiont/kit";
import { ApiKeyError, type ApiKeyErrorCode } from "../errors.ts";
import type { StoreEvent } from "../store.ts";

const MAX_PENDING = 256;
const MAX_CLIENT_LENGTH = 128;
const BROKEN: ReadonlySet<ApiKeyErrorCode> = new Set(["API_KEY_STORE_UNAVAILABLE", "API_KEY_STORE_CORRUPT"]);

/** Who administers keys. */
export type Actor = Pick<Principal, "kind" | "id">;

const SYSTEM: Actor = { kind: "system", id: "api-keys" };

/** One administrative act. */
export interface Administration {
  readonly type: "api_key.create" | "api_key.import" | "api_key.rotate" | "api_key.revoke";
  readonly keyId: string;
  readonly actor?: Actor | undefined;
  readonly data?: JsonObject;
}

/** One verification. Never holds what was presented. */
export interface Verification {
  readonly client?: string | undefined;
  readonly keyId?: string | undefined;
  readonly reason?: string | undefined;
}

/** Hands records to the sink: what must be recorded, and what is recorded as well as a flood permits. */
export class AuditTrail {
  readonly #sink: AuditSink | undefined;
  #pending = 0;
  #dropped = 0;

  constructor(sink: AuditSink | undefined) {
    this.#sink = sink;
  }

  /**
   * Records the intent before and the outcome after: no key appears that the audit does not know of.
   * @throws ApiKeyError `API_KEY_AUDIT_FAILED`; what `work` throws.
   */
  async around<T>(act: Administration, work: () => Promise<T>): Promise<T> {
    const record = administration(act);
    const receipt = await this.#require({ ...record, outcome: "attempt" });
    const attempt = receipt === undefined ? {} : { attempt: receipt.sequence };
    let result: T;
    try {
      result = await work();
    } catch (error) {
      const { name, code } = asApiKeyError(error);
      this.#note({ ...record, ...attempt, outcome: "failure", error: { name, code } });
      throw error;
    }
    await this.#require({ ...record, ...attempt, outcome: "success" });
    return result;
  }

  /** Records what was done. @throws ApiKeyError `API_KEY_AUDIT_FAILED`. */
  async done(act: Administration): Promise<void> {
    await this.#require({ ...administration(act), outcome: "success" });
  }

  /** Notes a verification that succeeded. */
  verified(verification: Verification): void {
    this.#note({ ...describe(verification), outcome: "success" });
  }

  /** Notes a verification that did not, and gives the error back. */
  refused(error: ApiKeyError, verification: Verification): ApiKeyError {
    this.#note({
      ...describe(verification),
      outcome: BROKEN.has(error.code) ? "failure" : "denied",
      error: { name: error.name, code: error.code },
    });
    return error;
  }

  /** Notes what befell the store. */
  stored(event: StoreEvent): void {
    const common = { actor: SYSTEM, resource: { kind: "api_key_store", id: "api-keys" } } as const;
    if (event.kind === "reloaded") {
      const { records, changed } = event;
      this.#note({ ...common, type: "api_key.store_reload", outcome: "info", data: { records, changed } });
    } else {
      const { code, staleMs } = event;
      const error = { name: "ApiKeyError", code };
      this.#note({
        ...common,
        type: "api_key.store_rejected",
        outcome: "failure",
        error,
        data: { staleMs },
      });
    }
  }

  async #require(record: AuditRecord): Promise<AuditReceipt | undefined> {
    try {
      return await this.#sink?.append(record);
    } catch (cause) {
      throw new ApiKeyError("API_KEY_AUDIT_FAILED", "the audit sink refused the record", {
        cause,
        retryable: true,
      });
    }
  }

  /**
   * Waits for nothing. When the sink is slower than a flood of refusals, records are dropped and the next one
   * says how many: an attacker must not be able to fill the memory with them.
   */
  #note(record: AuditRecord): void {
    if (this.#sink === undefined) return;
    if (this.#pending >= MAX_PENDING) {
      this.#dropped += 1;
      return;
    }
    const dropped = this.#dropped;
    this.#dropped = 0;
    void this.#try(dropped === 0 ? record : { ...record, data: { ...record.data, dropped } }, dropped + 1);
  }

  /** @param lost how many records are lost with this one. */
  async #try(record: AuditRecord, lost: number): Promise<void> {
    this.#pending += 1;
    try {
      await this.#sink?.append(record);
    } catch {
      this.#dropped += lost;
    } finally {
      this.#pending -= 1;
    }
  }
}

/** Whatever went wrong while a key was looked at, nobody gets in. */
export function asApiKeyError(error: unknown): ApiKeyError {
  if (ApiKeyError.is(error)) return error;
  return new ApiKeyError("API_KEY_REFUSED", "the API key could not be verified", { cause: error });
}

function administration({ type, keyId, actor = SYSTEM, data }: Administration): Omit<AuditRecord, "outcome"> {
  return {
    type,
    actor: { kind: actor.kind, id: actor.id },
    resource: { kind: "api_key", id: keyId },
    ...(data !== undefined && { data }),
  };
}

function describe({ client, keyId, reason }: Verification): Omit<AuditRecord, "outcome"> {
  return {
    type: "api_key.verify",
    actor: { kind: "agent", id: keyId ?? "unknown", ...(keyId !== undefined && { key: keyId }) },
    data: {
      ...(reason !== undefined && { reason }),
      ...(client !== undefined && { client: client.slice(0, MAX_CLIENT_LENGTH) }),
    },
  };
}
