import { decodeBase64Url, encodeBase64Url, type JsonObject, type JsonValue, parseJson } from "@symbiont/kit";
import type { StretchParameters } from "../keys/log-keys.ts";
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
  /** How the key that opens it is made of a passphrase; absent when it is not. */
  readonly stretch?: StretchParameters;
}

/** What a header may make a reader do: whoever can write the file must not be able to exhaust it. */
const MAX_MEMORY_KIB = 262_144;
const MAX_PASSES = 10;

/** Writes a header line, without its newline. */
export function formatSegmentHeader({ segment, created, keyId, wrapped, stretch }: SegmentHeader): string {
  const kdf =
    stretch === undefined
      ? {}
      : {
          kdf: {
            alg: "argon2id",
            m: stretch.memoryKiB,
            t: stretch.passes,
            p: 1,
            salt: encodeBase64Url(stretch.salt),
          },
        };
  const key =
    wrapped === undefined
      ? { id: keyId }
      : {
          id: keyId,
          salt: encodeBase64Url(wrapped.salt),
          commit: encodeBase64Url(wrapped.commit),
          wrapped: encodeBase64Url(wrapped.wrapped),
          ...kdf,
        };
  return JSON.stringify({ fmt: "model-log/1", seg: encodeBase64Url(segment), created, key });
}

/** Reads a header line. @throws ModelLogError `MODEL_LOG_FORMAT_INVALID` */
export function parseSegmentHeader(line: Uint8Array, name: string): SegmentHeader {
  try {
    const { fmt, seg, created, key } = parseJson(line) as JsonObject;
    const { id, salt, commit, wrapped, kdf } = key as JsonObject;
    if (fmt !== "model-log/1" || typeof created !== "string" || typeof id !== "string")
      throw new Error("unknown form");
    return {
      segment: bytes(seg, 16),
      created,
      keyId: id,
      ...(wrapped === undefined
        ? {}
        : { wrapped: { salt: bytes(salt, 32), commit: bytes(commit, 32), wrapped: bytes(wrapped, 48) } }),
      ...(kdf === undefined ? {} : { stretch: stretchParameters(kdf) }),
    };
  } catch (cause) {
    throw new ModelLogError("MODEL_LOG_FORMAT_INVALID", "the segment's header is malformed", {
      cause,
      segment: name,
    });
  }
}

function stretchParameters(kdf: JsonValue): StretchParameters {
  const { alg, m, t, p, salt } = kdf as JsonObject;
  const known = alg === "argon2id" && p === 1 && Number.isSafeInteger(m) && Number.isSafeInteger(t);
  const [memoryKiB, passes] = [m as number, t as number];
  if (!known || memoryKiB < 8 || memoryKiB > MAX_MEMORY_KIB || passes < 1 || passes > MAX_PASSES)
    throw new Error("unknown or immoderate key derivation");
  return { salt: bytes(salt, 16), memoryKiB, passes };
}

function bytes(value: unknown, length: number): Uint8Array {
  const decoded = typeof value === "string" ? decodeBase64Url(value) : new Uint8Array(0);
  if (decoded.length !== length) throw new Error("wrong length");
  return decoded;
}
