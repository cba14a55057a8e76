import type { AuditRecord, AuditSink, JsonObject, Principal } from "@symbiont/kit";
import { SecretError } from "../errors.ts";

/** Who uses secrets. */
export type Actor = Pick<Principal, "kind" | "id">;

const MODES: ReadonlySet<string> = new Set(["strict", "permissive"]);
const SYSTEM: Actor = { kind: "system", id: "secrets" };

/** How accesses are recorded. */
export interface AuditTrailOptions {
  /** Learns of every access: an attempt before, the outcome after. Default nobody. */
  readonly audit?: AuditSink;
  /** What happens when the sink refuses: `strict` fails the access, `permissive` goes on. Default `strict`. */
  readonly auditMode?: "strict" | "permissive";
  /** Who uses the store, for the audit. Default the system itself. */
  readonly actor?: Actor;
}

/** One access, described by names and versions, never by values. */
export interface Access {
  /** `secret.get`, `secret_file.add_slot` and so on. */
  readonly type: string;
  readonly resource: { readonly kind: string; readonly id: string };
  readonly data?: JsonObject;
}

/** Records an attempt before every access and its outcome after it, so that a crash leaves a trace too. */
export class AuditTrail {
  readonly #options: AuditTrailOptions;
  /** How many records were lost so far; shared by all views of one store, told by the next record. */
  readonly #lost: { count: number };

  /** @throws TypeError for a wrong option. */
  constructor(options: AuditTrailOptions, lost: { count: number } = { count: 0 }) {
    if (options.auditMode !== undefined && !MODES.has(options.auditMode))
      throw new TypeError(`auditMode must be "strict" or "permissive"`);
    // A permissive trail would lose every record to something that is no sink, and say so to nobody.
    if (options.audit !== undefined && typeof (options.audit as AuditSink | null)?.append !== "function")
      throw new TypeError("audit must be an AuditSink");
    this.#options = options;
    this.#lost = lost;
  }

  /** The same trail for somebody else. */
  as(actor: Actor | undefined): AuditTrail {
    return actor === undefined ? this : new AuditTrail({ ...this.#options, actor }, this.#lost);
  }

  /**
   * @param work does it and says what the outcome record should hold besides.
   * @throws SecretError `SECRET_AUDIT_FAILED` from a strict trail: before `work` when the attempt cannot be
   * recorded, after it when the outcome cannot (what was written stays written). What `work` throws.
   */
  async around<T>(access: Access, work: () => Promise<Outcome<T>>): Promise<T> {
    if (this.#options.audit === undefined) return (await work()).result;
    const attempt = await this.#append(access, { outcome: "attempt" });
    let outcome: Outcome<T>;
    try {
      outcome = await work();
    } catch (error) {
      // The caller learns why the access failed even when that cannot be recorded; the next record says it was not.
      await this.#append(access, { ...attempt, outcome: "failure", error: nameOf(error) }).catch(() => {
        this.#lost.count += 1;
      });
      throw error;
    }
    try {
      await this.#append(access, { ...attempt, outcome: "success" }, outcome.data);
    } catch (error) {
      outcome.undo?.();
      throw error;
    }
    return outcome.result;
  }

  /** Records something that is not an access, or one that was refused before it began. */
  async note(access: Access, outcome: "denied" | "info", error?: SecretError): Promise<void> {
    if (this.#options.audit === undefined) return;
    await this.#append(access, { outcome, ...(error !== undefined && { error: nameOf(error) }) });
  }

  async #append(
    access: Access,
    fields: Pick<AuditRecord, "outcome" | "attempt" | "error">,
    data?: JsonObject,
  ): Promise<{ readonly attempt?: number }> {
    const { kind, id } = this.#options.actor ?? SYSTEM;
    const lost = this.#lost.count;
    this.#lost.count = 0;
    const record: AuditRecord = {
      type: access.type,
      actor: { kind, id },
      resource: access.resource,
      ...fields,
      data: { ...access.data, ...data, ...(lost > 0 && { lostRecords: lost }) },
    };
    try {
      const receipt = await this.#options.audit?.append(record);
      return receipt === undefined ? {} : { attempt: receipt.sequence };
    } catch (cause) {
      this.#lost.count += lost;
      if (this.#options.auditMode === "permissive") {
        this.#lost.count += 1;
        return {};
      }
      throw new SecretError("SECRET_AUDIT_FAILED", "the audit sink refused the record", { cause });
    }
  }
}

/** What came of an access. */
export interface Outcome<T> {
  readonly result: T;
  /** For the outcome record. */
  readonly data?: JsonObject;
  /** Takes back what can be taken back when the outcome cannot be recorded: handles are disposed of. */
  readonly undo?: () => void;
}

function nameOf(error: unknown): { readonly name: string; readonly code: string } {
  return SecretError.is(error)
    ? { name: error.name, code: error.code }
    : { name: "Error", code: "SECRET_UNEXPECTED" };
}
