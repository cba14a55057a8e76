import type { PrivateKey } from "@symbiont/keys";
import { AuditError } from "../audit-error.ts";
import { type JournalSession, openJournalSession, type SessionMemory } from "../journal/journal-session.ts";
import type { JournalWriter } from "../journal/journal-writer.ts";
import type { AuditLogOptions } from "./audit-log-options.ts";

const LONGEST_DELAY_MS = 60_000;

/** What outlives a session. */
export interface KeeperMemory extends Omit<SessionMemory, "after"> {
  readonly reopenDelayMs: number;
}

/** Keeps a journal open: when it fails it is closed, and opened again after a while. */
export class JournalKeeper {
  readonly #directory: string;
  #options: AuditLogOptions;
  readonly #memory: KeeperMemory;
  #session: JournalSession;
  #delayMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reopening: Promise<void> | undefined;
  #failure: AuditError | undefined;
  #closed = false;
  /** Told whenever the journal may take more: after each batch, and when it was opened again. */
  onProgress: () => void = () => undefined;

  private constructor(
    directory: string,
    options: AuditLogOptions,
    more: {
      readonly memory: KeeperMemory;
      readonly session: JournalSession;
    },
  ) {
    this.#directory = directory;
    this.#options = { ...options, adopt: false };
    this.#memory = more.memory;
    this.#session = more.session;
    this.#delayMs = more.memory.reopenDelayMs;
    this.#watch();
  }

  static async open(
    directory: string,
    options: AuditLogOptions,
    memory: KeeperMemory,
  ): Promise<JournalKeeper> {
    const session = await openJournalSession(directory, options, memory);
    // Once: what is gone when the journal is opened again has gone meanwhile.
    return new JournalKeeper(directory, options, { memory, session });
  }

  get session(): JournalSession {
    return this.#session;
  }

  get writer(): JournalWriter {
    return this.#session.writer;
  }

  get failure(): AuditError | undefined {
    return this.#failure;
  }

  /** Opens the journal again if it has failed. @throws AuditError */
  async reopen(): Promise<void> {
    if (this.#failure === undefined || this.#closed) return;
    clearTimeout(this.#timer);
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    await this.#reopening;
  }

  /** Goes on with another key, also when the journal is opened again. */
  async changeKey(next: PrivateKey): Promise<void> {
    await this.#session.changeKey(next);
    const { key, trusted } = this.#session.settings;
    this.#options = { ...this.#options, key, trusted };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#reopening?.catch(() => undefined);
    await this.#session.close();
  }

  async #reopen(): Promise<void> {
    const failed = this.#session;
    await failed.close().catch(() => undefined);
    // Whoever wrote beside us may still do so, and what they wrote must not be cut off.
    if (this.#failure !== undefined && isFork(this.#failure)) throw this.#failure;
    try {
      const after = { durable: failed.writer.size, inDoubt: failed.writer.segmentInDoubt };
      this.#session = await openJournalSession(this.#directory, this.#options, { ...this.#memory, after });
    } catch (error) {
      this.#tryLater();
      throw error;
    }
    this.#failure = undefined;
    this.#delayMs = this.#memory.reopenDelayMs;
    this.#watch();
    this.#tell(undefined);
    this.onProgress();
  }

  #watch(): void {
    const { writer } = this.#session;
    writer.onProgress = () => {
      if (writer.failure !== undefined && this.#failure === undefined) this.#degrade(writer.failure);
      this.onProgress();
    };
  }

  #degrade(failure: AuditError): void {
    this.#failure = failure;
    this.#tryLater();
    this.#tell(failure);
  }

  #tell(failure: AuditError | undefined): void {
    try {
      this.#options.onStateChange?.(failure);
    } catch {
      // A listener that throws must not stop what it listens to.
    }
  }

  #tryLater(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.reopen().catch(() => undefined), this.#delayMs).unref();
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS);
  }
}

function isFork(error: AuditError): boolean {
  return error.code === "AUDIT_FORKED" || (AuditError.is(error.cause) && isFork(error.cause));
}
