/** Where a key that opens a store comes from. */
export type KeyProvider = LocalKeyProvider | WrappingKeyProvider;

/** Has the key itself: an environment variable, a file, a keychain, a callback. */
export interface LocalKeyProvider {
  readonly type: "local";
  /** Says which provider it is without saying the key, for example `env:SECRETS_KEY`. Goes into the audit. */
  readonly id: string;
  /**
   * Loads the key. Called when a store is opened or a slot is added, never at import.
   * @returns undefined when the provider works but holds no key: a missing key is not a wrong key.
   * @throws SecretError `SECRET_KEY_INVALID`, `SECRET_ACCESS_DENIED`, `SECRET_UNAVAILABLE`, `SECRET_TIMED_OUT`,
   * `SECRET_ABORTED`, `SECRET_FILE_NOT_PRIVATE`. No message holds key material.
   */
  load(request: KeyRequest): Promise<KeyMaterial | undefined>;
}

/** Does not have the key, but opens what it has wrapped: Vault transit, a KMS. */
export interface WrappingKeyProvider {
  readonly type: "wrapping";
  /** Says which provider it is, for example `vault-transit:transit/agents`. Goes into the audit. */
  readonly id: string;
  /** Wraps a root key of 32 bytes, which is lent. */
  wrap(rootKey: Uint8Array, request: KeyRequest): Promise<WrappedKey>;
  /**
   * Opens a wrapped root key. The bytes are the caller's, who zeroes them.
   * @returns undefined when `wrapped.reference` names a key of another provider.
   * @throws SecretError `SECRET_WRONG_KEY` when the service refuses the ciphertext.
   */
  unwrap(wrapped: WrappedKey, request: KeyRequest): Promise<Uint8Array | undefined>;
  /** Wraps again under the newest key version, without showing the root key. Absent when the service cannot. */
  rewrap?(wrapped: WrappedKey, request: KeyRequest): Promise<WrappedKey>;
}

/** What a provider is told. */
export interface KeyRequest {
  /** Id of the store, 32 hex digits. */
  readonly storeId: string;
  readonly signal?: AbortSignal;
}

/** What a local provider loads. The store zeroes the bytes when it has derived what it needs. */
export type KeyMaterial =
  /** 32 random bytes, used without a slow derivation. */
  | { readonly kind: "raw"; readonly key: Uint8Array }
  /** Something a person chose: goes through Argon2id. Text is normalised to NFC, bytes are taken as they are. */
  | { readonly kind: "passphrase"; readonly passphrase: string | Uint8Array };

/** A root key as a service wrapped it. Stored in the clear in the header of a store. */
export interface WrappedKey {
  /** Where the wrapping key is: never a credential. */
  readonly reference: {
    /** Kind of service, for example `vault-transit`. */
    readonly provider: string;
    /** Where the service keeps it, for example the mount path. */
    readonly mount: string;
    /** Name of the wrapping key. */
    readonly key: string;
  };
  /** What the service answered, as text of at most 4096 characters. */
  readonly ciphertext: string;
}
