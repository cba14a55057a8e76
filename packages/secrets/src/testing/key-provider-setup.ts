import type { LocalKeyProvider, WrappingKeyProvider } from "../key-provider.ts";

/** One promise a key provider must keep. `run` rejects when it does not. */
export interface KeyProviderCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A key provider in the states that the contract looks at. */
export type KeyProviderSetup = LocalKeySetup | WrappingKeySetup;

/** A provider that has the key itself. Each function gives a new provider each time. */
export interface LocalKeySetup {
  readonly type: "local";
  /** Has a key; all of them the same one. */
  readonly open: () => Promise<LocalKeyProvider>;
  /** Works, but has no key. Absent where there is no such state. */
  readonly openMissing?: () => Promise<LocalKeyProvider>;
  /** Has something that cannot be a key. Absent where there is no such state. */
  readonly openInvalid?: () => Promise<LocalKeyProvider>;
  /** Never gets an answer, and gives up soon. Absent where there is no such state. */
  readonly openSilent?: () => Promise<LocalKeyProvider>;
  /** Texts that must not show, besides the key: what `openInvalid` finds, tokens. */
  readonly secrets: readonly string[];
}

/** A provider that wraps keys. Each function gives a new provider each time. */
export interface WrappingKeySetup {
  readonly type: "wrapping";
  /** Can wrap and unwrap; all of them with the same wrapping key. */
  readonly open: () => Promise<WrappingKeyProvider>;
  /** Never gets an answer, and gives up soon. Absent where there is no such state. */
  readonly openSilent?: () => Promise<WrappingKeyProvider>;
  /** Damages what `wrap` gave, so that it has the right shape and cannot be opened. */
  readonly damage: (ciphertext: string) => string;
  /** Texts that must not show, besides the root key: tokens. */
  readonly secrets: readonly string[];
}
