import { closeSync, constants, fstatSync } from "node:fs";
import { resolve } from "node:path";
import type { AppendFileOptions, QuarantinedTail } from "./append-file-options.ts";
import { FilestoreError, type FilestoreErrorCode } from "./errors.ts";
import type { FileEntry, TornTail } from "./file-entry.ts";
import type { FileSystem } from "./file-system.ts";
import { type AppendFileState, createAppendFile, openAppendFile } from "./internal/append-file-state.ts";
import { copyToNewFile } from "./internal/copy-to-new-file.ts";
import { ioError } from "./internal/io-error.ts";
import { openPrivate } from "./internal/open-private.ts";
import { checkedInteger } from "./internal/options.ts";
import { scanLines } from "./internal/scan-lines.ts";
import { Turns } from "./internal/turns.ts";
import { assertWholeLines } from "./internal/whole-lines.ts";
import { writeAll } from "./internal/write-all.ts";
import type { ReadLinesOptions } from "./read-lines.ts";

/**
 * A file of lines that only grows, with one writer.
 *
 * {@link AppendFile.append} puts whole lines into the system's page cache, which survives the death of the
 * process; {@link AppendFile.sync} makes them survive a power failure. One sync may run while more lines are
 * appended: that is group commit.
 *
 * The writer keeps its own idea of where the file ends and refuses to write anywhere else. After an error
 * that leaves this in doubt the object is dead: every later call fails, and only opening the file again (and
 * reading what it really holds) helps.
 */
export class AppendFile {
  /** Absolute path. */
  readonly path: string;
  readonly #fileSystem: FileSystem;
  readonly #mode: number;
  readonly #descriptor: number;
  #size: number;
  /** How much of the file is known to be durable; -1 when an earlier process may have left that open. */
  #durable: number;
  #torn: boolean;
  /** The tail that {@link AppendFile.lines} found: nothing else is ever cut off. */
  #tail: TornTail | undefined;
  /** What killed the object. */
  #dead: FilestoreError | undefined;
  /**
   * One thing at a time on the descriptor: a sync that succeeds beside one that fails may have missed the error. A sync
   * that has nothing to wait for begins at once, so that the disk works while the caller goes on.
   */
  readonly #turns = new Turns();
  #nextSync: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor({ path, descriptor, mode, fileSystem, size, durable, torn }: AppendFileState) {
    this.path = path;
    this.#fileSystem = fileSystem;
    this.#mode = mode;
    this.#descriptor = descriptor;
    this.#size = size;
    this.#durable = durable;
    this.#torn = torn;
  }

  /**
   * Creates a file that must not exist yet; it and its name are durable when this resolves. When it rejects,
   * there is no file.
   * @throws FilestoreError `FILE_EXISTS`, `FILE_NOT_FOUND` (no such directory), `FILE_SYNC_FAILED`,
   * `FILE_DIRECTORY_NOT_PRIVATE`, `FILE_NO_SPACE`, `FILE_READ_ONLY`, `FILE_ACCESS_DENIED`, `FILE_IO`.
   */
  static async create(path: string, options: AppendFileOptions = {}): Promise<AppendFile> {
    return new AppendFile(await createAppendFile(path, options));
  }

  /**
   * Opens a file that exists. A last line without newline is seen at once, a hole only by
   * {@link AppendFile.lines}; both keep {@link AppendFile.append} from working until repaired.
   * @throws FilestoreError `FILE_NOT_FOUND`, `FILE_IS_SYMLINK`, `FILE_NOT_REGULAR`, `FILE_NOT_PRIVATE`,
   * `FILE_WRONG_OWNER`, `FILE_DIRECTORY_NOT_PRIVATE`, `FILE_READ_ONLY`, `FILE_ACCESS_DENIED`, `FILE_IO`.
   */
  static async open(path: string, options: AppendFileOptions = {}): Promise<AppendFile> {
    return new AppendFile(openAppendFile(path, options));
  }

  /** Where the file ends, in bytes: the offset of the next line. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends whole lines in one positional write. Synchronous, and not yet durable: see
   * {@link AppendFile.sync}. When it throws `FILE_NO_SPACE`, `FILE_ACCESS_DENIED` or `FILE_IO`, nothing was
   * appended and the file may be used on.
   * @param chunks joined as they are; together they end with a newline and hold no NUL byte.
   * @returns the offset at which the first chunk begins.
   * @throws FilestoreError `FILE_FORKED` (somebody else wrote or removed the file), `FILE_TORN_TAIL` (the
   * tail needs {@link AppendFile.repairTail}, or a failed write could not be taken back), `FILE_SYNC_FAILED`
   * (an earlier sync failed), `FILE_CLOSED`, `FILE_NO_SPACE`, `FILE_ACCESS_DENIED`, `FILE_IO`.
   */
  append(chunks: readonly Uint8Array[]): number {
    this.#assertUsable();
    if (this.#torn)
      throw new FilestoreError("FILE_TORN_TAIL", "the torn tail must be repaired first", { path: this.path });
    const batch = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    assertWholeLines(batch);
    this.#assertNotForked();
    const start = this.#size;
    try {
      writeAll(this.#fileSystem, { descriptor: this.#descriptor, path: this.path }, batch, start);
    } catch (error) {
      this.#takeBack(start, error);
      throw ioError(error, this.path, "appending");
    }
    this.#size = start + batch.length;
    return start;
  }

  /**
   * Makes everything appended before the call durable. Runs on the thread pool, one at a time: calls made
   * while one runs share the next.
   *
   * A failed sync is never tried again, because the system may have marked the unwritten pages as clean: it
   * kills this object.
   * @throws FilestoreError `FILE_SYNC_FAILED`, `FILE_CLOSED`, or the code of the error that killed the object.
   * @see https://wiki.postgresql.org/wiki/Fsync_Errors
   */
  async sync(): Promise<void> {
    this.#assertUsable();
    if (this.#turns.free) return this.#turns.take(() => this.#syncData());
    this.#nextSync ??= this.#turns.take(() => {
      this.#nextSync = undefined;
      return this.#syncData();
    });
    return this.#nextSync;
  }

  /**
   * The blocking form of {@link AppendFile.sync}, for the last moment of a process.
   * @throws FilestoreError as {@link AppendFile.sync}.
   */
  syncNow(): void {
    this.#assertUsable();
    const size = this.#size;
    try {
      this.#fileSystem.fdatasyncSync(this.#descriptor);
    } catch (error) {
      throw this.#kill("FILE_SYNC_FAILED", "syncing the file failed", error);
    }
    this.#durable = size;
  }

  /**
   * Reads the lines up to where the file ended at the call, last a torn tail if there is one.
   * @throws FilestoreError `FILE_LINE_TOO_LONG`, `FILE_CONFLICT` (cut meanwhile), `FILE_FORKED` (the path now
   * leads to another file), `FILE_CLOSED`, `FILE_IO`.
   */
  async *lines(options: Omit<ReadLinesOptions, "mode" | "gzip">): AsyncGenerator<FileEntry, void, void> {
    this.#assertUsable();
    const maxLineBytes = checkedInteger("maxLineBytes", options.maxLineBytes, 1);
    const from = checkedInteger("from", options.from ?? 0, 0);
    const end = this.#size;
    const descriptor = this.#openReader();
    try {
      for await (const entries of scanLines({ descriptor, path: this.path, from, end, maxLineBytes })) {
        const last = entries.at(-1);
        if (last?.kind === "torn") {
          this.#torn = true;
          this.#tail = last;
        }
        for (const entry of entries) yield entry;
      }
    } catch (error) {
      throw ioError(error, this.path, "reading the file");
    } finally {
      closeSync(descriptor);
    }
  }

  /**
   * Moves a torn tail out of the file: copies it to `quarantineFile`, which must not exist yet, makes the copy
   * durable, cuts the file and makes the cut durable. A crash on the way leaves the tail in the file, and
   * perhaps a copy of it.
   * @param tail as yielded by {@link AppendFile.lines}.
   * @throws FilestoreError `FILE_EXISTS` and what else {@link AppendFile.create} throws, about the quarantine
   * file; `FILE_FORKED`, `FILE_TORN_TAIL` (cutting failed), `FILE_SYNC_FAILED`, `FILE_CLOSED`, `FILE_IO`.
   */
  async repairTail(tail: TornTail, quarantineFile: string): Promise<QuarantinedTail> {
    const file = resolve(quarantineFile);
    this.#assertUsable();
    await this.#turns.take(async () => {
      this.#assertUsable();
      if (tail.offset !== this.#tail?.offset || tail.offset + tail.length !== this.#size)
        throw new RangeError("tail must be the torn tail that lines() yielded last");
      this.#assertNotForked();
      await this.#copyTail(tail, file);
      this.#assertNotForked();
      this.#cut(tail.offset);
      await this.#settle(this.#fileSystem.fsync(this.#descriptor), tail.offset);
    });
    return { file, offset: tail.offset, bytes: tail.length };
  }

  /**
   * Makes what was appended durable, unless the object is dead, and closes the file. Closing again is harmless.
   * @throws FilestoreError `FILE_SYNC_FAILED`; the file is closed all the same.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes: see {@link AppendFile.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      if (this.#dead === undefined) await this.sync();
    } finally {
      this.#dead ??= new FilestoreError("FILE_CLOSED", "file is closed", { path: this.path });
      await this.#turns.idle;
      closeSync(this.#descriptor);
    }
  }

  async #syncData(): Promise<void> {
    this.#assertUsable();
    if (this.#durable === this.#size) return;
    await this.#settle(this.#fileSystem.fdatasync(this.#descriptor), this.#size);
  }

  async #settle(sync: Promise<void>, size: number): Promise<void> {
    try {
      await sync;
    } catch (error) {
      throw this.#kill("FILE_SYNC_FAILED", "syncing the file failed", error);
    }
    if (this.#dead?.code === "FILE_SYNC_FAILED") this.#assertUsable();
    this.#durable = Math.max(this.#durable, size);
  }

  #takeBack(start: number, cause: unknown): void {
    try {
      this.#fileSystem.truncate(this.#descriptor, start);
    } catch {
      throw this.#kill("FILE_TORN_TAIL", "appending failed and could not be taken back", cause);
    }
  }

  #cut(offset: number): void {
    try {
      this.#fileSystem.truncate(this.#descriptor, offset);
    } catch (error) {
      throw this.#kill("FILE_TORN_TAIL", "cutting the torn tail failed", error);
    }
    this.#size = offset;
    this.#durable = -1;
    this.#torn = false;
    this.#tail = undefined;
  }

  async #copyTail(tail: TornTail, file: string): Promise<void> {
    const descriptor = this.#openReader();
    try {
      const range = { descriptor, offset: tail.offset, length: tail.length };
      await copyToNewFile(range, { path: file, mode: this.#mode, fileSystem: this.#fileSystem });
    } finally {
      closeSync(descriptor);
    }
  }

  /** Reads get a descriptor of their own, which closing this object cannot pull away or let be reused. */
  #openReader(): number {
    const { descriptor, stats } = openPrivate(this.#fileSystem, this.path, constants.O_RDONLY, this.#mode);
    const own = fstatSync(this.#descriptor, { bigint: true });
    if (stats.ino === own.ino && stats.dev === own.dev) return descriptor;
    closeSync(descriptor);
    throw this.#kill("FILE_FORKED", "the path leads to another file");
  }

  #assertNotForked(): void {
    const { nlink, size } = fstatSync(this.#descriptor);
    if (nlink === 0) throw this.#kill("FILE_FORKED", "the file was removed");
    if (size !== this.#size) throw this.#kill("FILE_FORKED", "somebody else wrote to the file");
  }

  #assertUsable(): void {
    if (this.#dead === undefined) return;
    const { code, message, path } = this.#dead;
    throw new FilestoreError(code, message, { path, cause: this.#dead });
  }

  #kill(code: FilestoreErrorCode, message: string, cause?: unknown): FilestoreError {
    const error = new FilestoreError(code, message, { path: this.path, cause });
    this.#dead ??= error;
    return error;
  }
}
