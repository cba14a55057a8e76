import { randomBytes } from "node:crypto";
import { encodeHex, type SecretHandle } from "@symbiont/kit";
import type { DerivedKey, LogKeys, StretchParameters } from "./log-keys.ts";

/** Stretches a passphrase with Argon2id (version 19): `hashRaw` of `@node-rs/argon2` behind a few lines, for example. */
export type StretchPassphrase = (
  passphrase: Uint8Array,
  parameters: StretchParameters,
) => Promise<Uint8Array>;

/** Where a passphrase comes from, and how it becomes a key. */
export interface PassphraseKeysOptions {
  readonly passphrase: SecretHandle;
  readonly argon2id: StretchPassphrase;
  /** Memory in KiB, from 8,192 to 262,144. Default 65,536. */
  readonly memoryKiB?: number;
  /** From 1 to 10. Default 3. */
  readonly passes?: number;
}

const KEY_BYTES = 32;
const SALT_BYTES = 16;
const MAX_CACHED = 16;

/**
 * Keys of segments under a passphrase. It is stretched once for each process that writes, never for a record; a reader
 * stretches it once for each process that wrote. The passphrase must have at least 12 bytes.
 * @throws RangeError naming a wrong option.
 */
export function passphraseKeys(options: PassphraseKeysOptions): LogKeys {
  const { passphrase, argon2id, memoryKiB = 65_536, passes = 3 } = options;
  if (!Number.isSafeInteger(memoryKiB) || memoryKiB < 8_192 || memoryKiB > 262_144)
    throw new RangeError(`memoryKiB must be an integer from 8192 to 262144, got ${memoryKiB}`);
  if (!Number.isSafeInteger(passes) || passes < 1 || passes > 10)
    throw new RangeError(`passes must be an integer from 1 to 10, got ${passes}`);
  const stretched = new Map<string, Promise<Uint8Array>>();
  const stretch = async (parameters: StretchParameters): Promise<Uint8Array> =>
    passphrase.use(async (bytes) => {
      if (bytes.length < 12) throw new RangeError("a passphrase must have at least 12 bytes");
      const key = await argon2id(bytes, parameters);
      if (key.length !== KEY_BYTES) throw new RangeError("argon2id must give 32 bytes");
      return Uint8Array.from(key);
    });
  const derive = async (parameters: StretchParameters): Promise<Uint8Array> => {
    const name = `${parameters.memoryKiB}.${parameters.passes}.${encodeHex(parameters.salt)}`;
    let key = stretched.get(name);
    if (key === undefined) {
      key = stretch(parameters);
      if (stretched.size >= MAX_CACHED) stretched.delete(stretched.keys().next().value as string);
      stretched.set(name, key);
      key.catch(() => stretched.delete(name));
    }
    return Uint8Array.from(await key);
  };
  let own: StretchParameters | undefined;
  const current = async (): Promise<DerivedKey> => {
    own ??= { salt: new Uint8Array(randomBytes(SALT_BYTES)), memoryKiB, passes };
    return { key: await derive(own), parameters: own };
  };
  return { kind: "passphrase", current, derive };
}
