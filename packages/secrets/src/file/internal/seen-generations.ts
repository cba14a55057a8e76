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
export function isRolledBack(place: string, header: StoreHeader): boolean {
  const seen = newest.get(place);
  if (seen === undefined || header.generation > seen.generation) return false;
  return header.generation < seen.generation || !constantTimeEqual(header.commit, seen.commit);
}

/** Remembers a generation that was opened or written. */
export function rememberGeneration(place: string, header: StoreHeader): void {
  const seen = newest.get(place);
  if (seen !== undefined && seen.generation >= header.generation) return;
  newest.delete(place);
  newest.set(place, { generation: header.generation, commit: header.commit });
  if (newest.size <= MAX_REMEMBERED) return;
  const [oldest] = newest.keys();
  if (oldest !== undefined) newest.delete(oldest);
}

/** What a store at a path is remembered by. */
export function placeOf(path: string, id: Uint8Array): string {
  return `${encodeHex(id)} ${path}`;
}
