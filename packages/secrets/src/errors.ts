import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why an operation on secrets was refused or failed. */
export type SecretErrorCode =
  /** There is no secret of that name. The only code on which a chain asks its next store. */
  | "SECRET_NOT_FOUND"
  /** The current version was deleted or destroyed, but the name is still known. */
  | "SECRET_DELETED"
  /** The secret is past its expiry. */
  | "SECRET_EXPIRED"
  /** The name breaks the naming rules, or leaves its scope. */
  | "SECRET_NAME_INVALID"
  /** The value cannot be stored, or what is stored is not a value. */
  | "SECRET_VALUE_INVALID"
  /** The secret is not of the expected version: somebody else has changed it. */
  | "SECRET_CONFLICT"
  /** A store, file, value or answer is larger than allowed. */
  | "SECRET_TOO_LARGE"
  /** The store cannot be written. */
  | "SECRET_READ_ONLY"
  /** The back end, or the operating system, refuses this caller. */
  | "SECRET_ACCESS_DENIED"
  /** The back end does not accept our credentials. */
  | "SECRET_LOGIN_FAILED"
  /** Nobody vouches for the server, or this process was told not to verify certificates. */
  | "SECRET_TLS_UNVERIFIED"
  /** The back end cannot be asked right now. */
  | "SECRET_UNAVAILABLE"
  /** The back end did not answer in time. */
  | "SECRET_TIMED_OUT"
  /** The caller's signal fired. */
  | "SECRET_ABORTED"
  /** The back end answered something that cannot be read. */
  | "SECRET_ANSWER_INVALID"
  /** No key provider has a key. */
  | "SECRET_KEY_MISSING"
  /** A key provider has something that cannot be a key. */
  | "SECRET_KEY_INVALID"
  /** There is a key already; it is not replaced. */
  | "SECRET_KEY_EXISTS"
  /** No key fits: wrong key, or another store. */
  | "SECRET_WRONG_KEY"
  /** The key is right, the file is not what was written. */
  | "SECRET_TAMPERED"
  /** The file is older than one already seen. */
  | "SECRET_ROLLED_BACK"
  /** The file is not of the expected format. */
  | "SECRET_FORMAT_INVALID"
  /** The file is of a version that this release does not know. */
  | "SECRET_VERSION_UNSUPPORTED"
  /** The file asks for more key derivation than allowed. */
  | "SECRET_KDF_LIMIT"
  /** There is no key slot of that id. */
  | "SECRET_SLOT_MISSING"
  /** A file must keep one key slot. */
  | "SECRET_SLOT_LAST"
  /** Others may read or change the file. */
  | "SECRET_FILE_NOT_PRIVATE"
  /** There is a store already. */
  | "SECRET_STORE_EXISTS"
  /** There is no store. */
  | "SECRET_STORE_MISSING"
  /** The audit sink did not take a record it must have. */
  | "SECRET_AUDIT_FAILED"
  /** The handle or the store was closed. */
  | "SECRET_CLOSED";

const RETRYABLE: ReadonlySet<SecretErrorCode> = new Set([
  "SECRET_CONFLICT",
  "SECRET_UNAVAILABLE",
  "SECRET_TIMED_OUT",
]);

/** Error of `@symbiont/secrets`. Never holds a value, a key, a passphrase or a token. */
export class SecretError extends SymbiontError<SecretErrorCode> {
  /** Name of the secret, where there is one. */
  readonly secret?: string;

  constructor(
    code: SecretErrorCode,
    message: string,
    options: SymbiontErrorOptions & { readonly secret?: string } = {},
  ) {
    super(code, message, { ...options, retryable: options.retryable ?? RETRYABLE.has(code) });
    if (options.secret !== undefined) this.secret = options.secret;
  }
}
