import type { JsonObject, Principal } from "@symbiont/kit";
import type { Secret } from "./secret.ts";
import type { SecretMetadata } from "./secret-metadata.ts";

/**
 * Named secrets behind handles, to be read. Also a `SecretSource` of `@symbiont/kit`.
 *
 * Names are 1 to 512 UTF-8 bytes of segments joined by `/`: no control characters, no empty, `.` or `..` segment.
 * Every method throws `SecretError`; a missing secret is an error, never an empty string.
 */
export interface SecretReader {
  /**
   * Gives the current version.
   * @throws SecretError `SECRET_NOT_FOUND`, `SECRET_EXPIRED`, and what the back end throws.
   */
  get(name: string, options?: GetOptions): Promise<Secret>;
  /**
   * Gives the current version, then the previous ones in their grace period, newest first: what a verifier of
   * incoming credentials should accept.
   */
  getAccepted(name: string, options?: GetOptions): Promise<readonly Secret[]>;
  /** Gives several at once, or throws for the first that cannot be had. */
  getMany(names: readonly string[], options?: GetOptions): Promise<ReadonlyMap<string, Secret>>;
  /** Whether there is a secret of that name, expired or not. */
  has(name: string, options?: CallOptions): Promise<boolean>;
  /** The names that begin with `prefix` (default all), sorted by code point. */
  list(prefix?: string, options?: CallOptions): Promise<readonly string[]>;
  metadata(name: string, options?: CallOptions): Promise<SecretMetadata>;
  /**
   * A view of the names below `prefix`: it can name nothing else, and `list` shows nothing else.
   * @param prefix for example `agents/<id>/secrets`.
   */
  scope(prefix: string, options?: ScopeOptions): SecretReader;
}

/** Named secrets behind handles, to be read and written. */
export interface SecretStore extends SecretReader {
  /**
   * Stores a value as a new version; older versions are dropped.
   * @param value text, or bytes, which are copied.
   */
  set(name: string, value: string | Uint8Array, options?: SetOptions): Promise<SecretMetadata>;
  /**
   * Replaces a value and keeps the old one for a while.
   * @param produce makes the new value; it is called once, before anything is written.
   * @throws SecretError `SECRET_CONFLICT` when somebody else wrote meanwhile; what `produce` throws.
   */
  rotate(
    name: string,
    produce: (current: Secret) => string | Uint8Array | Promise<string | Uint8Array>,
    options: RotateOptions,
  ): Promise<SecretMetadata>;
  /** Removes a secret and all its versions; false when there was none. */
  delete(name: string, options?: CallOptions): Promise<boolean>;
  scope(prefix: string, options?: ScopeOptions): SecretStore;
}

/** Goes with every call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** How a secret is read. */
export interface GetOptions extends CallOptions {
  /** Hand out a secret past its expiry. Default false. */
  readonly allowExpired?: boolean;
}

/** What is stored beside a value. A new version inherits nothing: what is not given is not set. */
export interface SetOptions extends CallOptions {
  /** Write only if this is the current version; 0 only if there is none. Default: whatever there is. */
  readonly ifVersion?: number;
  /** Epoch milliseconds from which `get` refuses. Default never. */
  readonly expiresAt?: number;
  /** Epoch milliseconds from which rotation is due. Default never. */
  readonly rotateAfter?: number;
  /** Notes that are not secret. Default none. */
  readonly notes?: JsonObject;
}

/** How a secret is rotated. */
export interface RotateOptions extends Omit<SetOptions, "ifVersion"> {
  /** How long the old value stays accepted, in milliseconds; 0 for not at all. */
  readonly graceMs: number;
}

/** How a scope differs from its store. */
export interface ScopeOptions {
  /** Who uses this view, for the audit. Default that of the store. */
  readonly actor?: Pick<Principal, "kind" | "id">;
}
