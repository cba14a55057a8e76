import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { AppendFile, type FileSystem } from "@symbiont/filestore";
import { encodeBase64Url, encodeHex, encodeUtf8 } from "@symbiont/kit";
import { type LogKeys, readKey, segmentSecret } from "../keys/log-keys.ts";
import type { RecordMeta } from "../record-meta.ts";
import { lineHash, SALT_BYTES, sealRecord, wrapSegmentKey } from "./segment-cipher.ts";
import { formatSegmentHeader, type SegmentHeader } from "./segment-header.ts";

/** What becomes a line once its place is known. */
export interface PendingRecord {
  readonly meta: Omit<RecordMeta, "seq">;
  readonly body: Uint8Array;
  /** Key of the record's subject, instead of the segment's. */
  readonly subjectKey?: Uint8Array;
}

/** A segment being written. It is never opened for writing again, so that no key is used in two lives of a process. */
export class SegmentFile {
  /** File name. */
  readonly name: string;
  /** Its id, base64url. */
  readonly id: string;
  readonly #file: AppendFile;
  readonly #segment: Uint8Array;
  readonly #dek: Uint8Array;
  #previous: Uint8Array;
  #records = 0;

  private constructor(
    file: AppendFile,
    parts: { name: string; segment: Uint8Array; dek: Uint8Array; header: string },
  ) {
    this.#file = file;
    this.name = parts.name;
    this.id = encodeBase64Url(parts.segment);
    this.#segment = parts.segment;
    this.#dek = parts.dek;
    this.#previous = lineHash(parts.header);
  }

  /** Makes a segment with a key of its own, durably. @throws FilestoreError, and what the keys' source throws. */
  static async create(
    directory: string,
    keys: LogKeys,
    { nowMs, fileSystem }: { readonly nowMs: number; readonly fileSystem?: FileSystem },
  ): Promise<SegmentFile> {
    const segment = new Uint8Array(randomBytes(16));
    const dek = new Uint8Array(randomBytes(32));
    const created = new Date(nowMs).toISOString();
    const header = `${formatSegmentHeader({ segment, created, ...(await keepKey(keys, segment, dek)) })}\n`;
    const stamp = created.replace(/[-:.Z]/g, "");
    const name = `mlog-${stamp}-${encodeHex(segment.subarray(0, 4))}.log`;
    const file = await AppendFile.create(
      join(directory, name),
      fileSystem === undefined ? {} : { fileSystem },
    );
    try {
      file.append([encodeUtf8(header)]);
      await file.sync();
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    return new SegmentFile(file, { name, segment, dek, header });
  }

  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#file.size;
  }

  /** Hex hash of the newest line. */
  get lastHash(): string {
    return encodeHex(this.#previous);
  }

  /** Writes records into the system's cache. @throws FilestoreError; the segment is of no use then. */
  append(records: readonly PendingRecord[]): void {
    const lines: Uint8Array[] = [];
    // Random for each record, asked for once and used at once.
    const salts = randomBytes(SALT_BYTES * records.length);
    for (const [index, { meta, body, subjectKey }] of records.entries()) {
      const sequence = this.#records + 1;
      const { t, ...rest } = meta;
      const metaText = JSON.stringify({ t, seq: sequence, ...rest });
      const metaBytes = Buffer.from(metaText);
      const place = { segment: this.#segment, sequence, previous: this.#previous, meta: metaBytes };
      const salt = salts.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES);
      const sealed = encodeBase64Url(sealRecord(subjectKey ?? this.#dek, place, { salt, body }));
      const line = Buffer.from(`${metaText}\t${sealed}\n`);
      this.#previous = lineHash(line);
      this.#records = sequence;
      lines.push(line);
    }
    this.#file.append(lines);
  }

  /** Makes what was written durable. @throws FilestoreError */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  /** Writes the last line, so that a cut tail shows, and closes the file. */
  async seal(nowMs: number): Promise<void> {
    const meta = { t: "seal", ts: new Date(nowMs).toISOString(), records: this.#records } as const;
    this.append([{ meta, body: new Uint8Array(0) }]);
    await this.close();
  }

  /** Closes the file without sealing it. */
  async close(): Promise<void> {
    this.#dek.fill(0);
    await this.#file.close();
  }
}

/** Puts the segment's key where it belongs; the secret is there before the segment that needs it. */
async function keepKey(
  keys: LogKeys,
  segment: Uint8Array,
  dek: Uint8Array,
): Promise<Pick<SegmentHeader, "keyId" | "wrapped" | "stretch">> {
  if (keys.kind === "vaulted") {
    const keyId = segmentSecret(keys, encodeBase64Url(segment));
    await keys.vault.set(keyId, dek);
    return { keyId };
  }
  if (keys.kind === "passphrase") {
    const { key, parameters } = await keys.current();
    const wrapped = wrapSegmentKey(key, segment, dek);
    key.fill(0);
    return { keyId: "passphrase", wrapped, stretch: parameters };
  }
  const kek = await readKey(await keys.source.get(keys.name));
  const wrapped = wrapSegmentKey(kek, segment, dek);
  kek.fill(0);
  return { keyId: keys.name, wrapped };
}
