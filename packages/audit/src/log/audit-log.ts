import type { PrivateKey } from "@symbiont/keys";
import type { AuditReceipt, AuditRecord, AuditSink } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import { appendWhenRoom } from "../journal/append-when-room.ts";
import { AttemptTokens } from "../journal/attempt-tokens.ts";
import { encodeCallerRecord } from "../journal/encoded-record.ts";
import { formatVerifierKey, verifierKey } from "../notes/verifier-key.ts";
import type { CompressedSegment } from "../retention/compress-segment.ts";
import { pruneJournal } from "../retention/prune-journal.ts";
import type { ClosedSegment, RetentionOptions } from "../retention/prune-segments.ts";
import type { RequiredSinks } from "../shipping/required-sinks.ts";
import {
  type AuditLogOptions,
  type AuditLogSettings,
  auditLogSettings,
  type FailureMode,
  modeOf,
} from "./audit-log-options.ts";
import { type GuardedRecord, guardEffect, nameOf } from "./guard-effect.ts";
import { JournalKeeper } from "./journal-keeper.ts";
import { requiredSinks } from "./open-required-sinks.ts";
import { PermissiveQueue } from "./permissive-queue.ts";
import { encodeOrStub } from "./stub-record.ts";

/**
 * A journal that is opened again after it has failed, and that knows what a failure means to the caller: strict
 * records are refused while nothing can be kept, permissive ones wait in memory and what is lost is counted.
 */
export class AuditLog implements AuditSink {
  /** The public key of the checkpoints, as `name+id+key`. */
  get verifierKey(): string {
    const { origin, key } = this.#keeper.session.settings;
    return formatVerifierKey(verifierKey(origin, key.publicKey));
  }

  readonly #settings: AuditLogSettings;
  readonly #origin: string;
  readonly #keeper: JournalKeeper;
  readonly #queue: PermissiveQueue;
  readonly #tokens: AttemptTokens;
  readonly #required: RequiredSinks | undefined;
  readonly #modes = new Map<string, FailureMode>();
  #closing: Promise<void> | undefined;

  private constructor(
    options: AuditLogOptions,
    parts: { keeper: JournalKeeper; tokens: AttemptTokens; required: RequiredSinks | undefined },
  ) {
    this.#settings = auditLogSettings(options);
    this.#origin = options.origin;
    this.#keeper = parts.keeper;
    this.#tokens = parts.tokens;
    this.#required = parts.required;
    this.#queue = new PermissiveQueue(parts.keeper, this.#settings);
  }

  /** Opens the log in a folder, or creates it. @throws AuditError as `Journal.open`. */
  static async open(directory: string, options: AuditLogOptions): Promise<AuditLog> {
    const { reopenDelayMs } = auditLogSettings(options);
    const tokens = new AttemptTokens();
    const required = requiredSinks(directory, options);
    const onCommitted = required === undefined ? {} : { onCommitted: required.commit.bind(required) };
    const keeper = await JournalKeeper.open(directory, options, { tokens, reopenDelayMs, ...onCommitted });
    return new AuditLog(options, { keeper, tokens, required });
  }

  /** Records that are durable. */
  get size(): number {
    return this.#keeper.writer.size;
  }

  /** Why nothing can be kept at the moment; undefined when all is well. */
  get degraded(): AuditError | undefined {
    return this.#keeper.failure;
  }

  /** Permissive records that wait in memory because the journal cannot take them. */
  get spooled(): number {
    return this.#queue.spooled;
  }

  /**
   * Adds a record, which is read at once. A strict one resolves when it is durable. A permissive one resolves when it
   * is accepted, and has a negative number instead of a sequence, which is good for the `attempt` of its outcome.
   * @throws AuditError `AUDIT_CLOSED`; for strict records `AUDIT_RECORD_INVALID`, `AUDIT_UNAVAILABLE`.
   */
  append(record: AuditRecord): Promise<AuditReceipt> {
    try {
      this.#assertOpen();
      if (this.#modeOf(record) === "permissive") return Promise.resolve({ sequence: this.#accept(record) });
      const { writer } = this.#keeper;
      writer.assertUsable();
      const encoded = encodeCallerRecord(record);
      const deadline = writer.deadline();
      const assertOpen = (): void => this.#assertOpen();
      const appended = appendWhenRoom(writer, encoded, { deadline, assertOpen });
      return this.#required === undefined ? appended : this.#keptBySinks(appended, deadline);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Runs an effect between the record of its attempt and that of its outcome.
   *
   * What this rejects with tells what has happened: `AUDIT_UNAVAILABLE` and the like, the effect was not run;
   * `AUDIT_OUTCOME_UNRECORDED`, it was run and succeeded, its result is withheld and nobody may blindly try again;
   * an `AggregateError` of the effect's error and an `AuditError`, it failed and that could not be recorded;
   * anything else is the effect's own error.
   */
  async guard<T>(record: GuardedRecord, effect: (attempt: AuditReceipt) => T | Promise<T>): Promise<T> {
    return guardEffect(this, record, effect);
  }

  /**
   * Records a denial. It stands whether it can be recorded or not, so this never rejects.
   * @returns what kept it from being recorded, as the `cause` of the error that tells the caller.
   */
  async deny(record: GuardedRecord): Promise<AuditError | undefined> {
    try {
      await this.append({ ...record, outcome: "denied" });
      return undefined;
    } catch (error) {
      return asAuditError(error);
    }
  }

  /** Opens the journal again now if it has failed. @throws AuditError as `Journal.open`. */
  async reopen(): Promise<void> {
    await this.#keeper.reopen();
  }

  /**
   * Signs and anchors a checkpoint over everything that is durable, and returns it.
   * @throws AuditError `AUDIT_UNAVAILABLE`, `AUDIT_FORKED`, `AUDIT_CLOSED`.
   */
  async checkpoint(): Promise<string> {
    this.#assertOpen();
    return this.#keeper.session.checkpoint();
  }

  /**
   * Goes on with another key: on record, and under a checkpoint that both keys have signed. Open the journal with the new
   * key from now on, and the old one among the `trusted`.
   * @throws AuditError `AUDIT_UNAVAILABLE`, `AUDIT_CLOSED`; RangeError when it is the same key.
   */
  async rotateKey(next: PrivateKey): Promise<void> {
    this.#assertOpen();
    await this.#keeper.changeKey(next);
  }

  /**
   * Records that signatures of a key, as `name+id+key`, count for nothing on checkpoints of more than so many records:
   * it was stolen. Verifiers that believe this journal refuse them; tell the others by the ranges of their trusted keys.
   * @throws AuditError `AUDIT_UNAVAILABLE`, `AUDIT_CLOSED`, `AUDIT_KEY_MALFORMED`; RangeError
   */
  async revokeKey(key: string, size: number): Promise<void> {
    this.#assertOpen();
    await this.#keeper.session.revokeKey(key, size);
  }

  /** Gives up old segments; see `Journal.prune`. */
  async prune(options: RetentionOptions): Promise<readonly ClosedSegment[]> {
    this.#assertOpen();
    return pruneJournal(this.#keeper.session, options);
  }

  /** Compresses the closed segments; see `Journal.compress`. */
  async compress(): Promise<readonly CompressedSegment[]> {
    this.#assertOpen();
    try {
      return await this.#keeper.session.compress();
    } catch (error) {
      throw asAuditError(error);
    }
  }

  /**
   * Writes what is waiting in one blocking call, for the last moment of a process: nothing can be recorded afterwards, no
   * checkpoint is signed, and whoever waits for a record learns nothing more. See `closeOnExit`.
   */
  flushNow(): void {
    this.#closing ??= Promise.resolve();
    this.#queue.drainNow(() => this.#keeper.writer.flushNow());
  }

  /** Records that the process is about to end by an error that nobody caught, without waiting; the error's text is not kept. */
  recordCrash(error: unknown): void {
    const { writer } = this.#keeper;
    if (this.#closing !== undefined || writer.failure !== undefined) return;
    writer.note("journal.crashed", { error: nameOf(error) });
  }

  /**
   * Writes what is waiting and closes the files. Tries once more to open a journal that has failed.
   * @throws AuditError `AUDIT_UNAVAILABLE` when records that were accepted could not be kept.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      if (this.#keeper.failure !== undefined) await this.#keeper.reopen();
      await this.#queue.drainAll();
    } finally {
      await this.#keeper.close();
      await this.#required?.stop(this.#keeper.session.settings.deadlineMs);
    }
    if (this.#queue.spooled > 0) throw this.#queue.leftBehind();
  }

  async #keptBySinks(appended: Promise<AuditReceipt>, deadline: number): Promise<AuditReceipt> {
    const receipt = await appended;
    try {
      await this.#required?.kept(receipt.sequence, deadline);
    } catch (error) {
      // The journal has it all the same: whoever reads it must know that its caller was told otherwise.
      const { writer } = this.#keeper;
      if (writer.failure === undefined) writer.note("journal.late", { reason: "sinks" }, receipt.sequence);
      throw error;
    }
    return receipt;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new AuditError("AUDIT_CLOSED", "the log is closed");
  }

  #accept(record: AuditRecord): number {
    const encoded = encodeOrStub(record, this.#origin);
    const token = this.#tokens.issue();
    this.#queue.accept(encoded, token);
    return token;
  }

  #modeOf(record: AuditRecord): FailureMode {
    const type: unknown = record?.type;
    if (typeof type !== "string") return this.#settings.failureMode;
    let mode = this.#modes.get(type);
    if (mode === undefined) {
      mode = modeOf(type, this.#settings);
      // Types come from the program, not from outside; a bound all the same.
      if (this.#modes.size < 1_000) this.#modes.set(type, mode);
    }
    return mode;
  }
}
