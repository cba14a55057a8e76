import type { Generation } from "@symbiont/filestore";
import type { StoreHeader } from "./format/header.ts";
import type { Entries } from "./format/payload.ts";
import type { Slot } from "./format/slot.ts";
import type { RootKey } from "./root-key.ts";

/** One generation of a store, opened: all that is kept in memory between calls. Its values are sealed. */
export interface Snapshot {
  /** Which state of the file this is. */
  readonly generation: Generation;
  readonly header: StoreHeader;
  readonly entries: Entries;
  readonly rootKey: RootKey;
  /** Identity of the slot that led to the root key. */
  readonly slotIdentity: string;
}

/** What a change makes of a snapshot. What is absent stays as it is. */
export interface SnapshotChange<T> {
  readonly result: T;
  /** Absent: nothing is written. */
  readonly next?: {
    readonly entries?: Entries;
    readonly slots?: readonly Slot[];
    /** With `slots` that lead to it and `entries` that are sealed with it. */
    readonly rootKey?: RootKey;
  };
}
