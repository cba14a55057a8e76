import type { SecretHandle, SecretSource } from "@symbiont/kit";

/** A place for keys that can be taken back: `SecretStore` of `@symbiont/secrets`, or anything of the shape. */
export interface KeyVault extends SecretSource {
  set(name: string, value: Uint8Array): Promise<unknown>;
  /** Resolves with false when there is no secret of that name. */
  delete(name: string): Promise<boolean>;
}

/** How a passphrase is stretched: Argon2id, version 19, one lane, 32 bytes. */
export interface StretchParameters {
  /** 16 bytes. */
  readonly salt: Uint8Array;
  readonly memoryKiB: number;
  readonly passes: number;
}

/** A key and what it was derived with. */
export interface DerivedKey {
  readonly key: Uint8Array;
  readonly parameters: StretchParameters;
}

/** Where the keys of segments come from. */
export type LogKeys =
  | {
      /** Every segment's key is in its header, under the secret `name`, 32 bytes. */
      readonly kind: "wrapped";
      readonly source: SecretSource;
      readonly name: string;
    }
  | {
      /** Every segment's key is a secret of its own: deleting it makes every copy of the segment unreadable. */
      readonly kind: "vaulted";
      readonly vault: KeyVault;
      /** First part of the secrets' names. Default `"model-log"`. */
      readonly prefix?: string;
    }
  | {
      /** Every segment's key is in its header, under a passphrase; made by `passphraseKeys`. */
      readonly kind: "passphrase";
      /** The key for new segments. */
      readonly current: () => Promise<DerivedKey>;
      /** The key of a segment that there is. */
      readonly derive: (parameters: StretchParameters) => Promise<Uint8Array>;
    };

const KEY_BYTES = 32;

/** The name of a segment's secret. */
export function segmentSecret(keys: LogKeys & { kind: "vaulted" }, id: string): string {
  return `${keys.prefix ?? "model-log"}/${id}`;
}

/** Takes a key of 32 bytes out of its handle. @throws RangeError when it is of another length. */
export async function readKey(handle: SecretHandle): Promise<Uint8Array> {
  return handle.use((bytes) => {
    if (bytes.length !== KEY_BYTES) throw new RangeError("a key of a model log must be 32 bytes");
    return Uint8Array.from(bytes);
  });
}
