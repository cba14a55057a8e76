import type { JsonValue } from "@symbiont/kit";
import { type LogKeys, ModelLog, type RecordFilter, readModelLog, verifyModelLog } from "@symbiont/model-log";
import { instantOf } from "../../program/instant.ts";
import { type SecretKeyOptions, withSecretFile } from "../../program/open-secret-file.ts";
import type { Answer, Task } from "../../program/task.ts";
import type { Line } from "../../program/terminal.ts";
import { UsageError } from "../../program/usage-error.ts";

interface KeyOptions extends SecretKeyOptions {
  readonly secrets: string;
  readonly secret: string;
}

interface ReadOptions {
  readonly agent?: string;
  readonly model?: string;
  readonly id?: string;
  readonly kind?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly until?: string;
  readonly content?: boolean;
}

/** `model-log verify`. */
export async function verifyLog(options: KeyOptions, _: Task, folder = ""): Promise<Answer> {
  return withKeys(options, async (keys) => {
    const reports = await verifyModelLog(folder, { keys });
    const faults = reports.filter(({ fault }) => fault !== undefined).length;
    const lines = reports.map(({ segment, records, sealed, fault, ...report }): Line => {
      const counts = (["dropped", "late", "unanswered", "forgotten"] as const).filter(
        (name) => report[name] > 0,
      );
      const state = [sealed ? "sealed" : "open", ...counts.map((name) => `${report[name]} ${name}`)].join(
        ", ",
      );
      return fault === undefined
        ? ["ok", `${segment}: ${records} records, ${state}`]
        : ["bad", `${segment}: ${fault.code}, ${fault.message}`];
    });
    return {
      data: reports as unknown as JsonValue,
      lines: [...lines, [faults === 0 ? "ok" : "bad", `${reports.length} segments, ${faults} with a fault`]],
      no: faults > 0,
    };
  });
}

/** `model-log read`. */
export async function readLog(
  options: KeyOptions & ReadOptions,
  task: Task,
  folder = "",
): Promise<undefined> {
  const { content } = options;
  const filter = filterOf(options, Date.now());
  await withKeys(options, async (keys) => {
    for await (const { meta, body } of readModelLog(folder, { keys, filter })) {
      task.signal.throwIfAborted();
      const record = { ...meta, ...(content === true && { body: body ?? null }) } as unknown as JsonValue;
      await task.line(JSON.stringify(record), record);
    }
    return undefined;
  });
}

const KINDS = ["completion", "tool_call", "rag_query", "agent_execution"] as const;
const OUTCOMES = ["ok", "error", "denied", "aborted"] as const;

function filterOf({ agent, model, id, kind, outcome, since, until }: ReadOptions, now: number): RecordFilter {
  return {
    ...(agent !== undefined && { agent }),
    ...(model !== undefined && { model }),
    ...(id !== undefined && { id }),
    ...(kind !== undefined && { kind: oneOf("--kind", kind, KINDS) }),
    ...(outcome !== undefined && { outcome: oneOf("--outcome", outcome, OUTCOMES) }),
    ...(since !== undefined && { fromMs: instantOf("--since", since, now) }),
    ...(until !== undefined && { untilMs: instantOf("--until", until, now) }),
  };
}

function oneOf<T extends string>(option: string, word: string, words: readonly T[]): T {
  const found = words.find((one) => one === word);
  if (found === undefined) throw new UsageError(`${option} must be one of ${words.join(", ")}`);
  return found;
}

/** `model-log prune`. */
export async function pruneLog(
  options: KeyOptions & {
    readonly days: string;
    readonly dryRun?: boolean;
    readonly maxBytes?: string;
    readonly hold?: readonly string[];
  },
  _: Task,
  folder = "",
): Promise<Answer> {
  const { days, dryRun = false, maxBytes, hold = [] } = options;
  if (maxBytes !== undefined && !/^\d{1,15}$/.test(maxBytes))
    throw new UsageError("--max-bytes must be a whole number");
  const more = maxBytes === undefined ? {} : { maxTotalBytes: Number(maxBytes) };
  if (!/^[1-9]\d{0,4}$/.test(days)) throw new UsageError("--days must be a whole number from 1");
  return withKeys(options, async (keys) => {
    const log = ModelLog.open(folder, { keys, redactor: "none" });
    try {
      const pruned = await log.prune({ retentionDays: Number(days), dryRun, legalHold: hold, ...more });
      const verb = dryRun ? "would be deleted" : "deleted";
      return { data: pruned as unknown as JsonValue, lines: [["ok", `${pruned.length} segments ${verb}`]] };
    } finally {
      await log.close();
    }
  });
}

async function withKeys<T>(options: KeyOptions, work: (keys: LogKeys) => Promise<T>): Promise<T> {
  const { secrets, secret } = options;
  return withSecretFile(secrets, options, async ({ store }) =>
    work({ kind: "wrapped", source: store, name: secret }),
  );
}
