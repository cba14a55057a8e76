import type { JsonObject } from "@symbiont/kit";

/** What is known of a secret besides its value. Instants are epoch milliseconds. */
export interface SecretMetadata {
  readonly name: string;
  /** Counts up from 1 with every new value. Back ends that have no versions say 1. */
  readonly version: number;
  /** When the name was first set; absent where the back end does not know. */
  readonly createdAt?: number;
  /** When this version was set; absent where the back end does not know. */
  readonly updatedAt?: number;
  /** From here on `get` refuses. Absent: never. */
  readonly expiresAt?: number;
  /** From here on the secret is due for rotation. Absent: never. */
  readonly rotateAfter?: number;
  /** The owner's own notes. Not secret from anyone who may list. */
  readonly notes?: JsonObject;
  /** Older versions that are still accepted, newest first. */
  readonly previous: readonly PreviousVersion[];
}

/** An older value in its grace period. */
export interface PreviousVersion {
  readonly version: number;
  /** Epoch milliseconds; from here on it is gone. */
  readonly until: number;
}
