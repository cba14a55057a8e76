import { AuditLog, type AuditLogOptions, Journal, type JournalOptions } from "@symbiont/audit";
import { importPrivateKeyRaw, type PrivateKey } from "@symbiont/keys";
import type { AuditRecord } from "@symbiont/kit";
import { expect } from "vitest";

export const origin = "example.org/agent/audit/1";
export const key: PrivateKey = importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(7));
export const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;

export function record(id: string, more: Partial<AuditRecord> = {}): AuditRecord {
  return { type: "tool.call", outcome: "info", actor: { kind: "agent", id }, ...more };
}

export async function openJournal(folder: string, more: Partial<JournalOptions> = {}): Promise<Journal> {
  return Journal.open(folder, { origin, key, anchor: () => undefined, ...more });
}

export async function openLog(folder: string, more: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
  return AuditLog.open(folder, { origin, key, anchor: () => undefined, failureMode: "strict", ...more });
}

/** Appends so many records one after the other, so that segments are changed in between. */
export async function fill(
  journal: { append(record: AuditRecord): Promise<unknown> },
  count: number,
): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await journal.append(record(`a-${index}`, { data: { filler: "x".repeat(200) } }));
}
