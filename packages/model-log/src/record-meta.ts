import { isWellFormed, type JsonObject, type JsonValue } from "@symbiont/kit";
import { ModelLogError } from "./model-log-error.ts";

/** What kind of call a record is about. */
export type CallKind = "completion" | "tool_call" | "rag_query" | "agent_execution";

/** How a call ended. */
export type CallOutcome = "ok" | "error" | "denied" | "aborted";

/** What is said in the clear about a call. Nothing free-form belongs here. */
export interface CallMeta {
  readonly kind: CallKind;
  /** Who asks, as an id. */
  readonly agent: string;
  /** Model id. */
  readonly model?: string;
  /**
   * Whose data the body holds. Its key is destroyed by `forget`; the record bears a keyed hash of the name. Needs
   * vaulted keys. Default none.
   */
  readonly subject?: string;
}

/** What is said in the clear about an answer. */
export interface AnswerMeta {
  readonly outcome: CallOutcome;
  /** Tokens, whole numbers. */
  readonly usage?: { readonly input: number; readonly output: number };
  /** Stable code of an error. */
  readonly code?: string;
}

/** What a line of a segment says in the clear. */
export interface RecordMeta {
  readonly t: "req" | "res" | "full" | "late" | "drop" | "seal";
  readonly seq: number;
  readonly ts: string;
  readonly id?: string;
  readonly agent?: string;
  readonly kind?: CallKind;
  readonly model?: string;
  readonly sub?: string;
  readonly latency_ms?: number;
  readonly usage?: { readonly input: number; readonly output: number };
  readonly outcome?: CallOutcome;
  readonly code?: string;
  /** Set when some of this is in the body. */
  readonly hidden?: true;
  readonly redacted?: "failed";
  readonly trunc?: { readonly bytes: number; readonly hmac: string };
  /** Of `late`: which record of the call was written although its caller had been told that it was not. */
  readonly of?: "req" | "res" | "full";
  readonly dropped?: number;
  readonly records?: number;
}

/** What need not stand in the clear. */
export type HideableMeta = "agent" | "model" | "usage" | "code";

/** Everything that need not stand in the clear. */
export const HIDEABLE: ReadonlySet<string> = new Set<HideableMeta>(["agent", "model", "usage", "code"]);

const LONGEST = 256;
const KINDS: ReadonlySet<unknown> = new Set(["completion", "tool_call", "rag_query", "agent_execution"]);
const OUTCOMES: ReadonlySet<unknown> = new Set(["ok", "error", "denied", "aborted"]);
const TYPES: ReadonlySet<unknown> = new Set(["req", "res", "full", "late", "drop", "seal"]);

/** @throws ModelLogError `MODEL_LOG_META_INVALID` */
export function checkedCall({ kind, agent, model, subject }: CallMeta): CallMeta {
  if (!KINDS.has(kind)) throw invalid("kind is none of those there are");
  for (const [name, value] of Object.entries({ agent, model, subject }))
    if ((value !== undefined || name === "agent") && !isName(value))
      throw invalid(`${name} is not a short text`);
  return {
    kind,
    agent,
    ...(model === undefined ? {} : { model }),
    ...(subject === undefined ? {} : { subject }),
  };
}

/** @throws ModelLogError `MODEL_LOG_META_INVALID` */
export function checkedAnswer({ outcome, usage, code }: AnswerMeta): AnswerMeta {
  if (!OUTCOMES.has(outcome)) throw invalid("outcome is none of those there are");
  if (code !== undefined && !/^[\w.:-]{1,64}$/.test(code)) throw invalid("code is not a word");
  if (
    usage !== undefined &&
    ![usage.input, usage.output].every((count) => Number.isSafeInteger(count) && count >= 0)
  )
    throw invalid("usage is not in whole tokens");
  return {
    outcome,
    ...(usage === undefined ? {} : { usage: { input: usage.input, output: usage.output } }),
    ...(code === undefined ? {} : { code }),
  };
}

/** Whether a parsed object is the meta data of a record with this number. */
export function isRecordMeta(value: JsonValue, sequence: number): value is JsonObject & RecordMeta {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { t, seq, ts, records } = value as JsonObject;
  return (
    TYPES.has(t) && seq === sequence && typeof ts === "string" && (t !== "seal" || records === sequence - 1)
  );
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= LONGEST && isWellFormed(value);
}

function invalid(why: string): ModelLogError {
  return new ModelLogError("MODEL_LOG_META_INVALID", `the call cannot be logged: ${why}`);
}
