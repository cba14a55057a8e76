import { canonicalJson, constantTimeEqual, type JsonObject, parseJson } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { CompactRange } from "../merkle/compact-range.ts";
import { verifyCheckpoint } from "../notes/checkpoint.ts";
import type { VerifierKey } from "../notes/verifier-key.ts";
import type { ChainState } from "../verify/chain-state.ts";

/** What is remembered of a closed segment: enough to go on behind it without reading it. */
export interface SegmentSummary {
  /** Sequence of its first record. */
  readonly first: number;
  /** The chain at its end. */
  readonly state: ChainState;
  /** The signed checkpoint at its end. */
  readonly note: string;
  /** Hex SHA-256 of its bytes. */
  readonly sha256: string;
}

const HASH = /^[0-9a-f]{64}$/;

/** So many attempts without an outcome, the newest, are handed on: a summary must stay a small file. */
const MOST_OPEN = 50_000;

/** Writes a summary as canonical JSON. */
export function formatSegmentSummary({ first, state, note, sha256 }: SegmentSummary): string {
  const { size, head, time, roots, openAttempts } = state;
  const open = openAttempts.slice(-MOST_OPEN);
  return canonicalJson({ v: 1, first, size, head, ts: time, roots, open, note, sha256 });
}

/**
 * Reads a summary and checks that its tree is the one its checkpoint signs.
 * @throws AuditError `AUDIT_CORRUPT`, `AUDIT_FORKED`, `AUDIT_NOTE_UNTRUSTED`, `AUDIT_NOTE_MALFORMED`
 */
export function parseSegmentSummary(
  text: string,
  origin: string,
  trusted: readonly VerifierKey[],
): SegmentSummary {
  const summary = readSummary(text);
  const { size, roots } = summary.state;
  const checkpoint = verifyCheckpoint(summary.note, origin, trusted);
  if (checkpoint.size !== size || !constantTimeEqual(checkpoint.root, CompactRange.from(size, roots).root()))
    throw new AuditError("AUDIT_FORKED", "a segment's summary is not what its checkpoint covers", {
      record: size,
    });
  return summary;
}

function readSummary(text: string): SegmentSummary {
  try {
    const fields = parseJson(text, { maxBytes: 1 << 20 }) as JsonObject;
    const { v, first, size, head, ts, roots, open, note, sha256 } = fields;
    if (v !== 1 || typeof ts !== "string" || typeof note !== "string") throw new Error("unknown form");
    return {
      first: count(first),
      state: {
        size: count(size),
        head: hash(head),
        time: ts,
        roots: list(roots).map(hash),
        openAttempts: list(open).map(count),
      },
      note,
      sha256: hash(sha256),
    };
  } catch (cause) {
    throw new AuditError("AUDIT_CORRUPT", "a segment's summary is malformed", { cause });
  }
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error("not a count");
  return value as number;
}

function hash(value: unknown): string {
  if (typeof value !== "string" || !HASH.test(value)) throw new Error("not a hash");
  return value;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("not a list");
  return value;
}
