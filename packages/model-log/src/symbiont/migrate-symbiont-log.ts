import type { JsonObject, JsonValue } from "@symbiont/kit";
import { asModelLogError } from "../as-model-log-error.ts";
import { ModelLogError } from "../model-log-error.ts";
import type { AnswerMeta, CallKind } from "../record-meta.ts";
import type { ModelLog } from "../writing/model-log.ts";
import type { SymbiontEntry, SymbiontLog } from "./read-symbiont-log.ts";

const KINDS: ReadonlyMap<unknown, CallKind> = new Map([
  ["Completion", "completion"],
  ["ToolCall", "tool_call"],
  ["RagQuery", "rag_query"],
  ["AgentExecution", "agent_execution"],
] as const);

/** How much is told while a log is migrated. */
export interface MigrateSymbiontLogOptions {
  /** Told after each entry, of which there are so many. Default nobody. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Writes every entry of a model log of Symbiont into ours: decrypted one after the other, which takes a tenth of a second
 * each, redacted and sealed as the log is set up. Everything that stood in the clear, the original id and time among it,
 * is in the body under `symbiont`. Retention counts from the migration on.
 * @returns how many there were.
 * @throws ModelLogError `MODEL_LOG_FORMAT_INVALID`, `MODEL_LOG_KEY_MISSING` with the entry in `record`, from 0; those
 * before it are in the log. And what the log throws.
 */
export async function migrateSymbiontLog(
  { entries }: SymbiontLog,
  log: ModelLog,
  { onProgress }: MigrateSymbiontLogOptions = {},
): Promise<number> {
  for (const [record, entry] of entries.entries()) {
    const { request, response } = await openEntry(entry, record);
    const { clear } = entry;
    const meta = { ...callOf(clear, record), ...answerOf(clear, response !== undefined) };
    const body = { request, ...(response === undefined ? {} : { response }), symbiont: clear };
    await log.complete(meta, body);
    onProgress?.(record + 1, entries.length);
  }
  return entries.length;
}

async function openEntry(
  { request, response }: SymbiontEntry,
  record: number,
): Promise<{ readonly request: JsonValue; readonly response: JsonValue | undefined }> {
  try {
    return { request: await request(), response: await response?.() };
  } catch (cause) {
    const message = `entry ${record} cannot be opened`;
    throw new ModelLogError("MODEL_LOG_KEY_MISSING", message, { cause: asModelLogError(cause), record });
  }
}

function callOf(clear: JsonObject, record: number): { kind: CallKind; agent: string; model?: string } {
  const { interaction_type: type, agent_id: agent, model_identifier: model } = clear;
  const kind = KINDS.get(type);
  if (kind === undefined || typeof agent !== "string" || agent === "")
    throw new ModelLogError("MODEL_LOG_FORMAT_INVALID", `entry ${record} has no kind or agent`, { record });
  return { kind, agent, ...(typeof model === "string" && model !== "" ? { model } : {}) };
}

function answerOf({ error, token_usage: usage }: JsonObject, answered: boolean): AnswerMeta {
  const { input_tokens: input, output_tokens: output } = (usage ?? {}) as JsonObject;
  const counted = [input, output].every((count) => Number.isSafeInteger(count) && (count as number) >= 0);
  const failed = typeof error === "string" && error !== "";
  return {
    outcome: failed ? "error" : answered ? "ok" : "aborted",
    ...(counted ? { usage: { input: input as number, output: output as number } } : {}),
  };
}
