import { decodeBase64Url, encodeBase64Url, type JsonObject, parseJson } from "@symbiont/kit";
import { ModelLogError } from "../model-log-error.ts";
import type { WrappedSegmentKey } from "./segment-cipher.ts";

/** The first line of a segment. */
export interface SegmentHeader {
  /** The segment's id, 16 bytes. */
  readonly segment: Uint8Array;
  readonly created: string;
  /** Name of the key that opens it. */
  readonly keyId: string;
  /** Absent when the segment's own key is a secret. */
  readonly wrapped?: WrappedSegmentKey;
}

/** Writes a header line, without its newline. */
export function formatSegmentHeader({ segment, created, keyId, wrapped }: SegmentHeader): string {
  const key =
    wrapped === undefined
      ? { id: keyId }
      : {
          id: keyId,
          salt: encodeBase64Url(wrapped.salt),
          commit: encodeBase64Url(wrapped.commit),
          wrapped: encodeBase64Url(wrapped.wrapped),
        };
  return JSON.stringify({ fmt: "model-log/1", seg: encodeBase64Url(segment), created, key });
}

/** Reads a header line. @throws ModelLogError `MODEL_LOG_FORMAT_INVALID` */
export function parseSegmentHeader(line: Uint8Array, name: string): SegmentHeader {
  try {
    const { fmt, seg, created, key } = parseJson(line) as JsonObject;
    const { id, salt, commit, wrapped } = key as JsonObject;
    if (fmt !== "model-log/1" || typeof created !== "string" || typeof id !== "string")
      throw new Error("unknown form");
    return {
      segment: bytes(seg, 16),
      created,
      keyId: id,
      ...(wrapped === undefined
        ? {}
        : { wrapped: { salt: bytes(salt, 32), commit: bytes(commit, 32), wrapped: bytes(wrapped, 48) } }),
    };
  } catch (cause) {
    throw new ModelLogError("MODEL_LOG_FORMAT_INVALID", "the segment's header is malformed", {
      cause,
      segment: name,
    });
  }
}

function bytes(value: unknown, length: number): Uint8Array {
  const decoded = typeof value === "string" ? decodeBase64Url(value) : new Uint8Array(0);
  if (decoded.length !== length) throw new Error("wrong length");
  return decoded;
}
