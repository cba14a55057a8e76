import { constantTimeEqual, encodeHex } from "@symbiont/kit";
import type { StoreHeader } from "./format/header.ts";

interface Seen {
  readonly generation: number;
  readonly commit: Uint8Array;
}

// A process rarely opens more; beyond this the oldest is forgotten.
const MAX_REMEMBERED = 10_000;

const newest = new Map<string, Seen>();

/**
 * Whether a store has gone back behind what this process has seen of it at that path, or has become another store of
 * the same age: somebody put an old copy back.
 */
export function isRolledBack(path: string, header: StoreHeader): boolean {
  const seen = newest.get(key(path, header));
  if (seen === undefined || header.generation > seen.generation) return false;
  return header.generation < seen.generation || !constantTimeEqual(header.commit, seen.commit);
}

/** Remembers a generation that was opened or written. */
export function rememberGeneration(path: string, header: StoreHeader): void {
  const name = key(path, header);
  const seen = newest.get(name);
  if (seen !== undefined && seen.generation >= header.generation) return;
  newest.delete(name);
  newest.set(name, { generation: header.generation, commit: header.commit });
  if (newest.size <= MAX_REMEMBERED) return;
  const [oldest] = newest.keys();
  if (oldest !== undefined) newest.delete(oldest);
}

function key(path: string, header: StoreHeader): string {
  return `${encodeHex(header.id)} ${path}`;
}
