import { asAuditError, unavailable } from "../as-audit-error.ts";
import type { JournalSettings } from "./journal-options.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { Sealer } from "./sealer.ts";

/** Under load, a checkpoint at most so often: each costs two syncs. */
const LEAST_INTERVAL_MS = 100;

/** What the timer watches and does. */
interface CheckpointTimerParts {
  readonly writer: JournalWriter;
  readonly sealer: Sealer;
  readonly settings: JournalSettings;
  readonly checkpoint: () => Promise<string>;
}

/** Has checkpoints signed after so many records and after so long, one at a time however slow the anchor is. */
export class CheckpointTimer {
  readonly #parts: CheckpointTimerParts;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #soon = false;
  #sealing = false;
  #stopped = false;
  #last = Number.NEGATIVE_INFINITY;

  constructor(parts: CheckpointTimerParts) {
    this.#parts = parts;
    parts.writer.onDurable = () => this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const { writer, sealer, settings } = this.#parts;
    if (this.#stopped || this.#sealing || writer.failure !== undefined) return;
    const unsigned = writer.size - sealer.size;
    if (unsigned <= 0) return;
    const soon = unsigned >= settings.checkpointEvery;
    if (this.#timer !== undefined && soon === this.#soon) return;
    clearTimeout(this.#timer);
    this.#soon = soon;
    const wait = soon
      ? Math.max(0, this.#last + LEAST_INTERVAL_MS - performance.now())
      : settings.checkpointIntervalMs;
    this.#timer = setTimeout(() => void this.#seal(), wait).unref();
  }

  async #seal(): Promise<void> {
    this.#timer = undefined;
    const { writer, sealer } = this.#parts;
    if (writer.size <= sealer.size) return; // signed meanwhile, by hand or when the journal was opened
    this.#sealing = true;
    this.#last = performance.now();
    try {
      await this.#parts.checkpoint();
    } catch (error) {
      // A journal whose checkpoints cannot be kept must not go on as if they were.
      writer.fail(unavailable("a checkpoint could not be kept", asAuditError(error)));
    }
    this.#sealing = false;
    this.#schedule();
  }
}
