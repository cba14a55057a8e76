import type { JsonValue } from "@symbiont/kit";
import { type LogKeys, ModelLog, readModelLog, verifyModelLog } from "@symbiont/model-log";
import { type SecretKeyOptions, withSecretFile } from "../../program/open-secret-file.ts";
import type { Answer, Task } from "../../program/task.ts";
import type { Line } from "../../program/terminal.ts";
import { UsageError } from "../../program/usage-error.ts";

interface KeyOptions extends SecretKeyOptions {
  readonly secrets: string;
  readonly secret: string;
}

/** `model-log verify`. */
export async function verifyLog(options: KeyOptions, _: Task, folder = ""): Promise<Answer> {
  return withKeys(options, async (keys) => {
    const reports = await verifyModelLog(folder, { keys });
    const faults = reports.filter(({ fault }) => fault !== undefined).length;
    const lines = reports.map(({ segment, records, sealed, fault }): Line => {
      const state = sealed ? "sealed" : "open";
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
  options: KeyOptions & { readonly agent?: string; readonly model?: string; readonly content?: boolean },
  task: Task,
  folder = "",
): Promise<undefined> {
  const { agent, model, content } = options;
  const filter = { ...(agent !== undefined && { agent }), ...(model !== undefined && { model }) };
  await withKeys(options, async (keys) => {
    for await (const { meta, body } of readModelLog(folder, { keys, filter })) {
      task.signal.throwIfAborted();
      const record = { ...meta, ...(content === true && { body: body ?? null }) } as unknown as JsonValue;
      await task.line(JSON.stringify(record), record);
    }
    return undefined;
  });
}

/** `model-log prune`. */
export async function pruneLog(
  options: KeyOptions & { readonly days: string; readonly dryRun?: boolean },
  _: Task,
  folder = "",
): Promise<Answer> {
  const { days, dryRun = false } = options;
  if (!/^[1-9]\d{0,4}$/.test(days)) throw new UsageError("--days must be a whole number from 1");
  return withKeys(options, async (keys) => {
    const log = ModelLog.open(folder, { keys, redactor: "none" });
    try {
      const pruned = await log.prune({ retentionDays: Number(days), dryRun });
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
