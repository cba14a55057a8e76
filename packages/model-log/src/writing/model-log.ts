import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { AuditSink } from "@symbiont/kit";
import { asModelLogError } from "../as-model-log-error.ts";
import { SubjectKeys } from "../keys/subject-keys.ts";
import { ModelLogError } from "../model-log-error.ts";
import {
  type AnswerMeta,
  type CallMeta,
  checkedAnswer,
  checkedCall,
  type RecordMeta,
} from "../record-meta.ts";
import { type PrunedSegment, pruneSegments, type RetentionOptions } from "../retention/prune-segments.ts";
import type { SegmentFile } from "../segments/segment-file.ts";
import { type ModelLogOptions, type ModelLogSettings, modelLogSettings } from "./model-log-options.ts";
import { inTime } from "./patience.ts";
import { recordBody, withHidden } from "./record-body.ts";
import { RecordQueue } from "./record-queue.ts";

/** A call whose request is in the log and whose answer is not yet. Only the first answer counts. */
export interface LoggedCall {
  /** Joins request and answer. */
  readonly id: string;
  /** Logs how the call ended. @throws ModelLogError in strict mode. */
  answer(meta: AnswerMeta, body?: unknown): Promise<void>;
  /** Logs the call as aborted unless it was answered. */
  [Symbol.asyncDispose](): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const ACTOR = { kind: "service", id: "model-log" } as const;

/**
 * Writes what models are asked and what they answer into sealed segments: bodies encrypted, every line bound to the
 * one before it. One process a directory at a time may prune; any number may write, each into segments of its own.
 */
export class ModelLog {
  readonly #directory: string;
  readonly #settings: ModelLogSettings;
  readonly #queue: RecordQueue;
  readonly #subjects: SubjectKeys;
  readonly #secret = new Uint8Array(randomBytes(32));
  #closing: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #pruning: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, settings: ModelLogSettings) {
    this.#directory = directory;
    this.#settings = settings;
    this.#subjects = new SubjectKeys(settings.keys);
    this.#queue = new RecordQueue(directory, settings, async (segment) => {
      await this.#tellSealed(segment);
      this.#pruneSoon();
    });
    if (settings.retention === undefined) return;
    this.#timer = setInterval(() => this.#pruneSoon(), DAY_MS).unref();
    this.#pruneSoon();
  }

  /**
   * Opens a log in a directory, which is made if it is missing. Segments appear with the first record.
   * @throws TypeError or RangeError naming a wrong option; ModelLogError `MODEL_LOG_UNAVAILABLE`.
   */
  static open(directory: string, options: ModelLogOptions): ModelLog {
    const settings = modelLogSettings(options);
    const path = resolve(directory);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw asModelLogError(error);
    }
    return new ModelLog(path, settings);
  }

  /** Records that could not be logged in permissive mode and are not on record yet. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /**
   * Logs a request. In strict mode it is durable when this resolves: make the call afterwards.
   * @throws ModelLogError `MODEL_LOG_META_INVALID`, `MODEL_LOG_CLOSED`; in strict mode `MODEL_LOG_UNAVAILABLE`.
   */
  async request(meta: CallMeta, body: unknown): Promise<LoggedCall> {
    const id = randomUUID();
    const startMs = performance.now();
    const call = checkedCall(meta);
    await this.#append({ t: "req", id, ...this.#clear(call) }, body, call.subject);
    let answered = false;
    const answer = async (given: AnswerMeta, answerBody?: unknown): Promise<void> => {
      if (answered) return;
      answered = true;
      const latency = { latency_ms: Math.max(0, Math.round(performance.now() - startMs)) };
      await this.#append({ t: "res", id, ...latency, ...checkedAnswer(given) }, answerBody, call.subject);
    };
    return { id, answer, [Symbol.asyncDispose]: async () => answer({ outcome: "aborted" }) };
  }

  /** Logs a call that is over as one record. @throws ModelLogError as {@link ModelLog.request}. */
  async complete(
    meta: CallMeta & AnswerMeta,
    body: { request: unknown; response?: unknown },
  ): Promise<string> {
    const id = randomUUID();
    const call = checkedCall(meta);
    await this.#append({ t: "full", id, ...this.#clear(call), ...checkedAnswer(meta) }, body, call.subject);
    return id;
  }

  /**
   * Destroys the key of a person's records, in every segment and every copy of it. Old copies of the vault still have
   * it. Resolves with false when there was none.
   * @throws TypeError when keys are not vaulted; ModelLogError `MODEL_LOG_UNAVAILABLE`.
   */
  async forget(subject: string): Promise<boolean> {
    const forgotten = await this.#subjects.forget(subject);
    await this.#audit("model_log.forgotten", { found: forgotten });
    return forgotten;
  }

  /** Deletes sealed and abandoned segments that are old enough, and their keys. @throws ModelLogError `MODEL_LOG_UNAVAILABLE` */
  async prune(options: RetentionOptions): Promise<readonly PrunedSegment[]> {
    const { keys, clock } = this.#settings;
    const current = this.#queue.current;
    const pruned = await pruneSegments(this.#directory, options, {
      keys,
      nowMs: clock.now(),
      ...(current === undefined ? {} : { current }),
    });
    if (options.dryRun !== true)
      for (const { name, bytes } of pruned) await this.#audit("model_log.pruned", { segment: name, bytes });
    return pruned;
  }

  /** Writes what is waiting and seals the segment, but waits no longer than the deadline. @throws ModelLogError `MODEL_LOG_UNAVAILABLE` */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    const { deadlineMs } = this.#settings;
    try {
      await inTime(this.#queue.seal(), deadlineMs);
    } finally {
      await inTime(this.#pruning, deadlineMs);
    }
  }

  /** One at a time, and never in the way of a record. */
  #pruneSoon(): void {
    const { retention, onPruneError } = this.#settings;
    if (retention === undefined) return;
    this.#pruning = this.#pruning
      .then(async () => this.prune(retention))
      .catch((error: unknown) => onPruneError?.(asModelLogError(error)))
      .catch(() => undefined);
  }

  #clear({ kind, agent, model }: CallMeta): Omit<CallMeta, "subject"> {
    return { agent, kind, ...(model === undefined ? {} : { model }) };
  }

  async #append(
    meta: Omit<RecordMeta, "seq" | "ts">,
    body: unknown,
    subject: string | undefined,
  ): Promise<void> {
    if (this.#closing !== undefined) throw new ModelLogError("MODEL_LOG_CLOSED", "the model log is closed");
    const { failureMode, clock, deadlineMs } = this.#settings;
    const deadline = performance.now() + deadlineMs;
    const { t, ...all } = meta;
    const { clear: rest, hidden } = this.#divide(all);
    const ts = new Date(clock.now()).toISOString();
    const made = recordBody(body, this.#settings, this.#secret);
    const bytes = hidden === undefined ? made.bytes : withHidden(hidden, made.bytes);
    const work = async (): Promise<void> => {
      const own = subject === undefined ? undefined : await inTime(this.#ownKey(subject), deadlineMs);
      const record = {
        meta: {
          t,
          ts,
          ...rest,
          ...(hidden === undefined ? {} : { hidden: true as const }),
          ...made.meta,
          ...(own === undefined ? {} : { sub: own.hash }),
        },
        body: bytes,
        ...(own === undefined ? {} : { subjectKey: own.key }),
      };
      await (failureMode === "strict" ? this.#queue.append(record, deadline) : this.#queue.offer(record));
    };
    if (failureMode === "strict") {
      await work().catch((error: unknown) => {
        throw asModelLogError(error);
      });
    } else work().catch((error: unknown) => this.#tellLoss(error));
  }

  /** What stands in the clear, and what is sealed with the body. */
  #divide(meta: Omit<RecordMeta, "t" | "seq" | "ts">): {
    readonly clear: Omit<RecordMeta, "t" | "seq" | "ts">;
    readonly hidden: object | undefined;
  } {
    const { hideMeta } = this.#settings;
    if (hideMeta.length === 0) return { clear: meta, hidden: undefined };
    const hides = (name: string): boolean => hideMeta.some((hidden) => hidden === name);
    const members = Object.entries(meta);
    const hidden = Object.fromEntries(members.filter(([name]) => hides(name)));
    if (Object.keys(hidden).length === 0) return { clear: meta, hidden: undefined };
    return { clear: Object.fromEntries(members.filter(([name]) => !hides(name))), hidden };
  }

  #tellLoss(error: unknown): void {
    try {
      this.#settings.onLoss?.(asModelLogError(error));
    } catch {
      // A listener that throws must not stop what it listens to.
    }
  }

  async #ownKey(subject: string): Promise<{ readonly hash: string; readonly key: Uint8Array }> {
    const hash = await this.#subjects.hash(subject);
    return { hash, key: await this.#subjects.ensure(hash) };
  }

  async #tellSealed({ name, id, records, lastHash }: SegmentFile): Promise<void> {
    await this.#audit("model_log.sealed", { segment: name, id, records, lastHash });
  }

  async #audit(type: string, data: NonNullable<Parameters<AuditSink["append"]>[0]["data"]>): Promise<void> {
    try {
      await this.#settings.audit?.append({ type, outcome: "info", actor: ACTOR, data });
    } catch (error) {
      throw asModelLogError(error);
    }
  }
}
