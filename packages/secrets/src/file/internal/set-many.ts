import { isUtf8 } from "node:buffer";
import { SecretError } from "../../errors.ts";
import { nextMetadata } from "../../internal/next-metadata.ts";
import type { Secret } from "../../secret.ts";
import { checkSecretName } from "../../secret-name.ts";
import { sealedEntry } from "./file-backend.ts";
import { MAX_VALUE_BYTES } from "./format/limits.ts";
import type { Change } from "./store-file.ts";

/** Sets many secrets in one generation; resolves to the names that were there before. */
export function setMany(
  values: ReadonlyMap<string, SecretBytes>,
  { overwrite, now }: { readonly overwrite: boolean; readonly now: () => number },
): Change<readonly string[]> {
  return (snapshot) => {
    const replaced: string[] = [];
    const entries = new Map(snapshot.entries);
    for (const [name, { value, text }] of values) {
      const current = entries.get(name);
      if (current !== undefined && !overwrite)
        throw new SecretError("SECRET_CONFLICT", "there is a secret of that name already", { secret: name });
      if (current !== undefined) replaced.push(name);
      const metadata = nextMetadata(name, current?.metadata, { value, text }, now());
      entries.set(name, sealedEntry(snapshot, current, { metadata, write: { value, text } }));
    }
    return { result: replaced, next: { entries } };
  };
}

/** The bytes of a secret, held for the time of one write. */
export interface SecretBytes {
  readonly value: Uint8Array;
  /** Whether they are text. */
  readonly text: boolean;
}

/** Copies the values out of their handles for the time of `use`. */
export async function withBytes<T>(
  secrets: ReadonlyMap<string, Secret>,
  use: (values: ReadonlyMap<string, SecretBytes>) => Promise<T>,
): Promise<T> {
  const values = new Map<string, SecretBytes>();
  try {
    for (const name of secrets.keys()) checkSecretName(name);
    for (const [name, secret] of secrets) {
      const value = secret.exposeBytes();
      values.set(name, { value, text: isUtf8(value) });
      if (value.length > MAX_VALUE_BYTES)
        throw new SecretError("SECRET_TOO_LARGE", `the value is larger than ${MAX_VALUE_BYTES} bytes`, {
          secret: name,
        });
    }
    return await use(values);
  } finally {
    for (const { value } of values.values()) value.fill(0);
  }
}
