import type { JsonObject } from "@symbiont/kit";
import type { SecretMetadata } from "./secret-metadata.ts";
import type { SecretValue } from "./secret-value.ts";

/**
 * Where secrets are kept: the part of a store that differs between a file, a Vault and memory. Names, scopes,
 * expiry, auditing and handles are the business of `createSecretStore`, so that they are the same everywhere.
 *
 * A back end gets names that were checked already, and throws `SecretError` only. It keeps no plaintext between
 * calls.
 */
export interface SecretBackend {
  /** Goes into audit records and messages, for example `file`. */
  readonly kind: string;
  /** Looks a secret up; undefined when there is none of that name. Expired secrets are found. */
  read(name: string, options: BackendOptions): Promise<StoredSecret | undefined>;
  /** All names that begin with `prefix`, in any order. */
  list(prefix: string, options: BackendOptions): Promise<readonly string[]>;
  /** Stores a new version. Absent when the back end cannot be written. @throws SecretError `SECRET_CONFLICT`. */
  write?(name: string, write: SecretWrite, options: BackendOptions): Promise<SecretMetadata>;
  /** Removes a secret with all its versions; false when there was none. Absent when it cannot be written. */
  delete?(name: string, options: BackendOptions): Promise<boolean>;
}

/** Goes with every call to a back end. */
export interface BackendOptions {
  readonly signal?: AbortSignal;
}

/** A secret as the back end found it, still sealed where the back end seals. */
export interface StoredSecret {
  readonly metadata: SecretMetadata;
  /**
   * Hands out a version: the current one, or one listed in `metadata.previous`. A back end that seals hands out
   * a value that opens itself when it is used; one that holds plain bytes hands out `new PlainValue(bytes)`.
   * @throws SecretError `SECRET_CLOSED`, and what the back end throws.
   */
  value(version: number): SecretValue | Promise<SecretValue>;
}

/** A new version of a secret. */
export interface SecretWrite {
  /** Lent: the caller zeroes it after the call. */
  readonly value: Uint8Array;
  /** Whether the value was given as text. Back ends that hold text only refuse bytes that are not UTF-8. */
  readonly text: boolean;
  /** Write only if this is the current version; 0 only if there is none. Absent: whatever there is. */
  readonly ifVersion?: number;
  /** Epoch milliseconds. Absent: never. */
  readonly expiresAt?: number;
  /** Epoch milliseconds. Absent: never. */
  readonly rotateAfter?: number;
  readonly notes?: JsonObject;
  /** Keep the version that is replaced until then (epoch milliseconds). Absent: drop all older versions. */
  readonly keepPreviousUntil?: number;
}
