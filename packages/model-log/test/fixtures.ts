import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecretHandle } from "@symbiont/kit";
import {
  type KeyVault,
  type LogKeys,
  ModelLog,
  type ModelLogOptions,
  type RecordFilter,
  readModelLog,
  type SegmentRecord,
} from "@symbiont/model-log";
import { expect } from "vitest";

export const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;
export const call = { kind: "completion", agent: "agent-1", model: "model-1" } as const;

/** A vault in memory, as a secret store behaves. */
export class MemoryVault implements KeyVault {
  readonly secrets = new Map<string, Uint8Array>();
  down = false;

  async get(name: string): Promise<SecretHandle> {
    if (this.down) throw Object.assign(new Error("down"), { code: "SECRET_UNAVAILABLE" });
    const bytes = this.secrets.get(name);
    if (bytes === undefined) throw Object.assign(new Error("not found"), { code: "SECRET_NOT_FOUND" });
    return { use: async (use) => use(Uint8Array.from(bytes)) };
  }

  async set(name: string, value: Uint8Array): Promise<void> {
    if (this.down) throw new Error("down");
    this.secrets.set(name, Uint8Array.from(value));
    return Promise.resolve();
  }

  async delete(name: string): Promise<boolean> {
    return Promise.resolve(this.secrets.delete(name));
  }
}

export function wrappedKeys(bytes: Uint8Array = new Uint8Array(32).fill(5)): LogKeys {
  const source = new MemoryVault();
  source.secrets.set("kek@1", bytes);
  return { kind: "wrapped", source, name: "kek@1" };
}

export async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "model-log-"));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function openLog(folder: string, more: Partial<ModelLogOptions> = {}): ModelLog {
  return ModelLog.open(folder, { keys: wrappedKeys(), redactor: "none", ...more });
}

export async function readAll(
  folder: string,
  keys: LogKeys = wrappedKeys(),
  filter: RecordFilter = {},
): Promise<SegmentRecord[]> {
  const records: SegmentRecord[] = [];
  for await (const record of readModelLog(folder, { keys, filter })) records.push(record);
  return records;
}

export const segments = (folder: string): string[] => readdirSync(folder).sort();
export const everything = (folder: string): string =>
  segments(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
