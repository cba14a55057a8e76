import { mkdirSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { FilestoreError, readPrivateFile, replaceFile, syncDirectory } from "@symbiont/filestore";
import { canonicalJson, decodeUtf8, encodeUtf8 } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { isOwnFolder } from "../own-folder.ts";
import { CheckpointLog } from "./checkpoint-log.ts";
import { type JournalHeader, parseJournalHeader } from "./journal-header.ts";

/** What a compressed segment's name ends with. */
export const COMPRESSED = ".gz";
const SEGMENT_NAME = /^\d{16}\.jsonl(?:\.gz)?$/;
const SUMMARY_NAME = /^\d{16}\.json$/;
const SMALL_FILE_BYTES = 1 << 20;
const FOLDERS = ["seg", "sum", "sig", "tile", "quarantine"];

/** The files of one journal: a header, segments of records, the newest checkpoint, and what a crash left behind. */
export class JournalFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = resolve(directory);
  }

  /** What a writer locks. */
  get writer(): string {
    return this.#path("writer");
  }

  /**
   * Makes the directories that are missing, durably and for the owner only.
   * @throws AuditError `AUDIT_CORRUPT` when a link is in the place of one.
   */
  async prepare(): Promise<void> {
    for (const name of FOLDERS)
      if (!isOwnFolder(this.directory, this.#path(name)))
        throw new AuditError("AUDIT_CORRUPT", `${name} is no folder, but a link or a file`);
    for (const directory of ["", ...FOLDERS].map((name) => this.#path(name))) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    await syncDirectory(this.directory);
  }

  /** Undefined when there is no journal yet. @throws AuditError `AUDIT_CORRUPT` */
  async readHeader(): Promise<JournalHeader | undefined> {
    const text = await this.#read("log.json");
    return text === undefined ? undefined : parseJournalHeader(text);
  }

  async writeHeader(header: JournalHeader): Promise<void> {
    await replaceFile(this.#path("log.json"), encodeUtf8(canonicalJson(header)));
  }

  /** The newest signed checkpoint; undefined when there is none. */
  async readCheckpoint(): Promise<string | undefined> {
    return this.#read("checkpoint");
  }

  /** Makes a checkpoint the newest, durably, and adds it to those there were. */
  async writeCheckpoint(note: string): Promise<void> {
    await replaceFile(this.#path("checkpoint"), encodeUtf8(note));
    await this.checkpointLog.append(note);
  }

  get checkpointLog(): CheckpointLog {
    return new CheckpointLog(this.#path("checkpoints.log"));
  }

  /**
   * Paths of the segments in order, each in one form: when a crash left both, the plain one.
   * @throws AuditError `AUDIT_CORRUPT` when a file there is none of ours.
   */
  segments(): readonly string[] {
    let names: string[];
    try {
      names = readdirSync(this.#path("seg")).sort();
    } catch {
      return [];
    }
    for (const name of names) {
      if (!SEGMENT_NAME.test(name))
        throw new AuditError("AUDIT_CORRUPT", "the segment folder holds a foreign file");
    }
    const plain = new Set(names);
    return names
      .filter((name) => !name.endsWith(COMPRESSED) || !plain.has(name.slice(0, -COMPRESSED.length)))
      .map((name) => this.#path("seg", name));
  }

  /** First sequences of the segments that have a summary, in order. */
  summaries(): readonly number[] {
    try {
      const names = readdirSync(this.#path("sum")).sort();
      return names.filter((name) => SUMMARY_NAME.test(name)).map((name) => Number(name.slice(0, 16)));
    } catch {
      return [];
    }
  }

  async readSummary(first: number): Promise<string | undefined> {
    return this.#read(join("sum", `${sixteenDigits(first)}.json`));
  }

  async writeSummary(first: number, text: string): Promise<void> {
    await replaceFile(this.#path("sum", `${sixteenDigits(first)}.json`), encodeUtf8(text));
  }

  /** Where the signatures of a segment's records go. */
  signatures(first: number): string {
    return this.#path("sig", `${sixteenDigits(first)}.sig`);
  }

  /** What a full disk gives up. */
  get reserve(): string {
    return this.#path("reserve");
  }

  get tiles(): string {
    return this.#path("tile");
  }

  segment(firstSequence: number): string {
    return this.#path("seg", `${sixteenDigits(firstSequence)}.jsonl`);
  }

  /** Sequence of the first record of a segment. */
  firstOf(segment: string): number {
    return Number(basename(segment).slice(0, 16));
  }

  /** Where a compressed segment grows until it is whole. */
  get compressing(): string {
    return this.#path("compressing");
  }

  /** Where torn bytes go. */
  quarantine(records: number, timeMs: number): string {
    return this.#path("quarantine", `${records}-${timeMs}`);
  }

  async #read(name: string): Promise<string | undefined> {
    let bytes: Uint8Array;
    try {
      ({ bytes } = await readPrivateFile(this.#path(name), { maxBytes: SMALL_FILE_BYTES }));
    } catch (error) {
      if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return undefined;
      throw error;
    }
    try {
      return decodeUtf8(bytes);
    } catch (cause) {
      throw new AuditError("AUDIT_CORRUPT", `${name} is not text`, { cause });
    }
  }

  #path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }
}

function sixteenDigits(sequence: number): string {
  return String(sequence).padStart(16, "0");
}
