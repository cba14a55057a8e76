import { createHmac } from "node:crypto";
import { encodeUtf8, type JsonValue } from "@symbiont/kit";
import type { RecordMeta } from "../record-meta.ts";
import type { ModelLogSettings } from "./model-log-options.ts";

/** A body ready to be sealed, and what about it is said in the clear. */
export interface RecordBody {
  readonly bytes: Uint8Array;
  readonly meta: Pick<RecordMeta, "redacted" | "trunc">;
}

const EMPTY = new Uint8Array(0);

/**
 * Redacts a body, writes it as JSON and cuts the middle out of one that is too long. A body that cannot be redacted is
 * never kept as it was.
 * @param secret keys the hash of a body that was cut: the plain hash of a guessable one would give it away.
 */
export function recordBody(body: unknown, settings: ModelLogSettings, secret: Uint8Array): RecordBody {
  if (settings.content === "none") return { bytes: EMPTY, meta: {} };
  let bytes: Uint8Array;
  try {
    const { redactor } = settings;
    const safe = redactor === "none" ? body : redactor.redact(body as JsonValue);
    const text = JSON.stringify(safe);
    bytes = text === undefined ? EMPTY : Buffer.from(text, "utf8");
  } catch {
    return { bytes: encodeUtf8('{"redaction":"failed"}'), meta: { redacted: "failed" } };
  }
  const { maxEntryBytes } = settings;
  if (bytes.length <= maxEntryBytes) return { bytes, meta: {} };
  const hmac = createHmac("sha256", secret).update(bytes).digest("hex");
  return { bytes: cut(bytes, maxEntryBytes), meta: { trunc: { bytes: bytes.length, hmac } } };
}

function cut(bytes: Uint8Array, most: number): Uint8Array {
  // Escaping may make text twice as long again.
  const half = Math.floor((most - 64) / 12);
  return encodeUtf8(
    JSON.stringify({ head: text(bytes.subarray(0, half)), tail: text(bytes.subarray(-half)) }),
  );
}

function text(part: Uint8Array): string {
  return Buffer.from(part).toString("utf8");
}

/** Puts members of the meta data before a body, so that they are sealed with it; JSON, as both of them are. */
export function withHidden(hidden: object, body: Uint8Array): Uint8Array {
  const prefix = encodeUtf8(`{"hidden":${JSON.stringify(hidden)}`);
  const parts = body.length === 0 ? [prefix] : [prefix, encodeUtf8(',"body":'), body];
  return Buffer.concat([...parts, encodeUtf8("}")]);
}
