import type { FileLock } from "@symbiont/filestore";
import type { PrivateKey } from "@symbiont/keys";
import { keepAnchored } from "../anchors/anchor.ts";
import { asAuditError, unavailable } from "../as-audit-error.ts";
import { signCheckpoint } from "../notes/checkpoint.ts";
import type { JournalFiles } from "./journal-files.ts";
import type { JournalSettings } from "./journal-options.ts";

/** Signs checkpoints, keeps the newest beside the journal and every one with the anchor; in order. */
export class Sealer {
  readonly #files: JournalFiles;
  readonly #lock: FileLock;
  readonly #settings: JournalSettings;
  /** Writes and anchors queue apart: a slow anchor must not hold up the writer of records. */
  #writes: Promise<unknown> = Promise.resolve();
  #anchors: Promise<unknown> = Promise.resolve();
  #written: number;
  #kept: number;
  #keys: readonly [PrivateKey, ...PrivateKey[]];

  constructor(parts: { files: JournalFiles; lock: FileLock; settings: JournalSettings; signed: number }) {
    this.#files = parts.files;
    this.#lock = parts.lock;
    this.#settings = parts.settings;
    this.#written = parts.signed;
    this.#kept = parts.signed;
    this.#keys = [parts.settings.key];
  }

  /** Signs with these keys from now on. */
  signWith(...keys: readonly [PrivateKey, ...PrivateKey[]]): void {
    this.#keys = keys;
  }

  /** Records covered by the newest checkpoint that is kept elsewhere. */
  get size(): number {
    return this.#kept;
  }

  /** Settles when no checkpoint is on its way; never rejects. */
  get idle(): Promise<unknown> {
    return this.#writes.then(() => this.#anchors);
  }

  /**
   * Signs and writes a checkpoint; `anchored` settles when it is kept elsewhere as well.
   * @throws AuditError `AUDIT_UNAVAILABLE`, `AUDIT_FORKED`
   */
  async seal(
    size: number,
    root: Uint8Array,
  ): Promise<{ readonly note: string; readonly anchored: Promise<void> }> {
    const note = await this.sealHere(size, root);
    const anchored = this.#anchors.then(async () => this.#keep(note, size));
    this.#anchors = anchored.catch(() => undefined);
    return { note, anchored };
  }

  /** Signs and writes a checkpoint that is not kept elsewhere. @throws AuditError as {@link Sealer.seal} */
  async sealHere(size: number, root: Uint8Array): Promise<string> {
    const writing = this.#writes.then(async () => this.#write(size, root));
    this.#writes = writing.catch(() => undefined);
    try {
      return await writing;
    } catch (error) {
      throw asAuditError(error);
    }
  }

  async #write(size: number, root: Uint8Array): Promise<string> {
    const note = signCheckpoint({ origin: this.#settings.origin, size, root }, ...this.#keys);
    this.#lock.assertHeld();
    if (size >= this.#written) await this.#files.writeCheckpoint(note);
    this.#written = Math.max(this.#written, size);
    return note;
  }

  async #keep(note: string, size: number): Promise<void> {
    await this.#anchor(note);
    this.#kept = Math.max(this.#kept, size);
  }

  async #anchor(note: string): Promise<void> {
    const { anchor, anchorTimeoutMs } = this.#settings;
    await inTime(keepAnchored(anchor, note), anchorTimeoutMs).catch((cause: unknown) => {
      throw unavailable("the checkpoint could not be anchored", cause);
    });
  }
}

/** An anchor that hangs is an anchor that failed. */
async function inTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the anchor took too long")), timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
