import { type JsonObject, type JsonValue, KitError, parseJson } from "@symbiont/kit";
import type { ApprovalEntry, ApprovalVote } from "./approval-entry.ts";
import { ApprovalError } from "./approval-error.ts";

/** Largest entry that is read, in bytes. */
export const MAX_ENTRY_BYTES: number = 1024 * 1024;

const STATUSES: ReadonlySet<unknown> = new Set(["pending", "approved", "denied", "expired", "cancelled"]);
const KINDS: ReadonlySet<unknown> = new Set(["agent", "user", "service", "system"]);
const VERDICTS: ReadonlySet<unknown> = new Set(["approve", "deny"]);

/** An entry as text. */
export function writeEntry(entry: ApprovalEntry): string {
  return JSON.stringify(entry);
}

/** @throws ApprovalError `APPROVAL_STORE_CORRUPT` for what is not an entry. */
export function readEntry(text: string): ApprovalEntry {
  try {
    return checkEntry(parseJson(text, { maxBytes: MAX_ENTRY_BYTES, reservedNames: [] }));
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    throw new ApprovalError("APPROVAL_STORE_CORRUPT", "an entry is not strict JSON", { cause });
  }
}

/** @throws ApprovalError `APPROVAL_STORE_CORRUPT` for what is not an entry. */
export function checkEntry(value: JsonValue | undefined): ApprovalEntry {
  const entry = object(value);
  const principal = object(entry["principal"]);
  const { votes } = entry;
  const isSound =
    text(entry["id"]) &&
    count(entry["version"], 1) &&
    STATUSES.has(entry["status"]) &&
    text(entry["actionHash"]) &&
    text(entry["role"]) &&
    count(entry["quorum"], 1) &&
    KINDS.has(principal["kind"]) &&
    text(principal["id"]) &&
    text(entry["action"]) &&
    entry["summary"] !== undefined &&
    count(entry["createdAt"]) &&
    count(entry["expiresAt"]) &&
    Array.isArray(votes) &&
    votes.every(isVote) &&
    (entry["resolvedAt"] === undefined || count(entry["resolvedAt"])) &&
    (entry["usedAt"] === undefined || count(entry["usedAt"])) &&
    // A resolved entry that could be resolved again, or the other way round.
    (entry["status"] === "pending") === (entry["resolvedAt"] === undefined);
  if (!isSound) throw corrupt();
  return entry as unknown as ApprovalEntry;
}

function isVote(value: JsonValue): boolean {
  const vote = object(value) as Partial<Record<keyof ApprovalVote, JsonValue>>;
  return (
    text(vote.approver) &&
    VERDICTS.has(vote.verdict) &&
    text(vote.channel) &&
    count(vote.at) &&
    (vote.reason === undefined || typeof vote.reason === "string")
  );
}

function object(value: JsonValue | undefined): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw corrupt();
  return value as JsonObject;
}

function text(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function count(value: unknown, least = 0): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

function corrupt(): ApprovalError {
  return new ApprovalError("APPROVAL_STORE_CORRUPT", "an entry has not the shape of one");
}
