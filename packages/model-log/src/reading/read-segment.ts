import { basename } from "node:path";
import { readLines } from "@symbiont/filestore";
import { decodeBase64Url, decodeUtf8, type JsonObject, type JsonValue, parseJson } from "@symbiont/kit";
import { type LogKeys, readKey } from "../keys/log-keys.ts";
import type { SubjectKeys } from "../keys/subject-keys.ts";
import { ModelLogError } from "../model-log-error.ts";
import { isRecordMeta, type RecordMeta } from "../record-meta.ts";
import { lineHash, openRecord, unwrapSegmentKey } from "../segments/segment-cipher.ts";
import { parseSegmentHeader, type SegmentHeader } from "../segments/segment-header.ts";

/** Longest line: 16 MiB of body in base64, and what is around it. */
const MAX_LINE_BYTES = 24 << 20;
const TAB = 0x09;

/** A record that was opened. */
export interface SegmentRecord {
  readonly segment: string;
  readonly meta: RecordMeta;
  /** The body, redacted; undefined when there is none, or its subject was forgotten. */
  readonly body: JsonValue | undefined;
  /** Set when the key of its subject is destroyed. The record is neither readable nor checked any more. */
  readonly forgotten?: true;
}

/** The header of a segment file. @throws ModelLogError `MODEL_LOG_FORMAT_INVALID`; FilestoreError */
export async function readHeaderOf(path: string): Promise<SegmentHeader> {
  for await (const entry of readLines(path, { maxLineBytes: MAX_LINE_BYTES })) {
    if (entry.kind === "line") return parseSegmentHeader(entry.bytes, basename(path));
    break;
  }
  throw new ModelLogError("MODEL_LOG_FORMAT_INVALID", "the segment has no header", {
    segment: basename(path),
  });
}

/**
 * Opens the records of a segment one by one. What is changed, moved, left out or put in fails at its place; a tail
 * that was cut off shows by the missing seal.
 * @returns whether the segment is sealed.
 * @throws ModelLogError `MODEL_LOG_TAMPERED`, `MODEL_LOG_FORMAT_INVALID`, `MODEL_LOG_WRONG_KEY`,
 * `MODEL_LOG_KEY_MISSING`
 */
export async function* readSegment(
  path: string,
  keys: LogKeys,
  subjects: SubjectKeys,
): AsyncGenerator<SegmentRecord, { readonly sealed: boolean }, void> {
  const segment = basename(path);
  let header: SegmentHeader | undefined;
  let dek: Uint8Array = new Uint8Array(0);
  let previous: Uint8Array = new Uint8Array(0);
  let sequence = 0;
  let sealed = false;
  for await (const entry of readLines(path, { maxLineBytes: MAX_LINE_BYTES })) {
    if (sealed) throw tampered(segment, sequence + 1, "there is more after the seal");
    if (entry.kind === "torn") break;
    const line = Buffer.concat([entry.bytes, Uint8Array.of(0x0a)]);
    if (header === undefined) {
      header = parseSegmentHeader(entry.bytes, segment);
      dek = await segmentKey(header, keys, segment);
    } else {
      sequence += 1;
      const { meta, metaBytes, cipher } = splitLine(entry.bytes, segment, sequence);
      const place = { segment: header.segment, sequence, previous, meta: metaBytes };
      const key = meta.sub === undefined ? dek : await subjectKey(subjects, meta.sub);
      const opened = key === undefined ? undefined : openRecord(key, place, cipher);
      if (key !== undefined && opened === undefined)
        throw tampered(segment, sequence, "it is not what was written in its place");
      sealed = meta.t === "seal";
      const body =
        opened === undefined || opened.length === 0 ? undefined : parseBody(opened, segment, sequence);
      yield { segment, ...shown(meta, body), ...(key === undefined ? { forgotten: true } : {}) };
    }
    previous = lineHash(line);
  }
  if (header === undefined)
    throw new ModelLogError("MODEL_LOG_FORMAT_INVALID", "the segment has no header", { segment });
  return { sealed };
}

function splitLine(
  bytes: Uint8Array,
  segment: string,
  sequence: number,
): { readonly meta: RecordMeta; readonly metaBytes: Uint8Array; readonly cipher: Uint8Array } {
  const tab = bytes.lastIndexOf(TAB);
  try {
    const metaBytes = bytes.subarray(0, tab);
    const meta = parseJson(metaBytes);
    if (tab > 0 && isRecordMeta(meta, sequence))
      return { meta, metaBytes, cipher: decodeBase64Url(decodeUtf8(bytes.subarray(tab + 1))) };
  } catch (cause) {
    throw tampered(segment, sequence, "it is not a record", cause);
  }
  throw tampered(segment, sequence, "it is not the record that comes next");
}

function parseBody(bytes: Uint8Array, segment: string, sequence: number): JsonValue {
  try {
    // Sealed by us: whatever names and numbers it holds are those that were logged.
    return parseJson(bytes, {
      maxBytes: MAX_LINE_BYTES,
      reservedNames: [],
      unsafeIntegers: "round",
      maxDepth: 256,
    });
  } catch (cause) {
    throw new ModelLogError("MODEL_LOG_FORMAT_INVALID", `body ${sequence} is not JSON`, {
      cause,
      segment,
      record: sequence,
    });
  }
}

/** Puts what was hidden in the body back into its place. */
function shown(meta: RecordMeta, body: JsonValue | undefined): Pick<SegmentRecord, "meta" | "body"> {
  if (meta.hidden !== true || body === undefined) return { meta, body };
  const { hidden, body: inner } = body as JsonObject;
  return { meta: { ...meta, ...(hidden as Partial<RecordMeta>) }, body: inner };
}

async function segmentKey(header: SegmentHeader, keys: LogKeys, segment: string): Promise<Uint8Array> {
  const key = await loadKey(header, keys, segment);
  if (header.wrapped === undefined) return key;
  const dek = unwrapSegmentKey(key, header.segment, header.wrapped);
  key.fill(0);
  if (dek === "wrong-key")
    throw new ModelLogError("MODEL_LOG_WRONG_KEY", "another key opens this segment", { segment });
  if (dek === "tampered") throw tampered(segment, 0, "its key was changed");
  return dek;
}

async function loadKey(header: SegmentHeader, keys: LogKeys, segment: string): Promise<Uint8Array> {
  // The header is not believed about which secret it wants: it could name any in the vault.
  const own = keys.kind === "vaulted" ? `${keys.prefix ?? "model-log"}/` : undefined;
  if (own !== undefined && (header.wrapped !== undefined || !header.keyId.startsWith(own)))
    throw new ModelLogError("MODEL_LOG_WRONG_KEY", "the segment's key is not one of this log", { segment });
  if (own === undefined && header.wrapped === undefined)
    throw new ModelLogError("MODEL_LOG_WRONG_KEY", "the segment's key is a secret of its own", { segment });
  const { stretch } = header;
  if ((keys.kind === "passphrase") !== (stretch !== undefined))
    throw new ModelLogError("MODEL_LOG_WRONG_KEY", "the segment's key is of another kind", { segment });
  if (keys.kind === "passphrase" && stretch !== undefined) {
    try {
      return await keys.derive(stretch);
    } catch (cause) {
      throw new ModelLogError("MODEL_LOG_KEY_MISSING", "the passphrase cannot be used", { cause, segment });
    }
  }
  const source = keys.kind === "vaulted" ? keys.vault : (keys as LogKeys & { kind: "wrapped" }).source;
  try {
    return await readKey(await source.get(header.keyId));
  } catch (cause) {
    throw new ModelLogError("MODEL_LOG_KEY_MISSING", "the segment's key is not there", { cause, segment });
  }
}

async function subjectKey(subjects: SubjectKeys, hash: string): Promise<Uint8Array | undefined> {
  try {
    return await subjects.find(hash);
  } catch (error) {
    if (ModelLogError.is(error) && error.code === "MODEL_LOG_KEY_MISSING") return undefined;
    throw error;
  }
}

function tampered(segment: string, record: number, why: string, cause?: unknown): ModelLogError {
  const message = `record ${record} of a segment is not to be trusted: ${why}`;
  return new ModelLogError("MODEL_LOG_TAMPERED", message, { cause, segment, record });
}
