import type { LocalKeyProvider } from "@symbiont/secrets";
import type { SecretFile } from "@symbiont/secrets/file";
import { UsageError } from "./usage-error.ts";

/** Where the key of an encrypted file is. */
export interface SecretKeyOptions {
  readonly keyEnv?: string;
  readonly keyFile?: string;
}

/** Opens an encrypted file for as long as `work` takes. @throws SecretError */
export async function withSecretFile<T>(
  path: string,
  key: SecretKeyOptions,
  work: (file: SecretFile) => Promise<T>,
): Promise<T> {
  const { SecretFile } = await import("@symbiont/secrets/file");
  const file = await SecretFile.open(path, { keyProviders: [await secretKey(key)] });
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** The key from a variable or a file; where neither is named, from where Symbiont has it. @throws UsageError */
export async function secretKey({ keyEnv, keyFile }: SecretKeyOptions): Promise<LocalKeyProvider> {
  if (keyEnv !== undefined && keyFile !== undefined) {
    throw new UsageError("write --key-env or --key-file, not both");
  }
  if (keyEnv !== undefined) return (await import("@symbiont/secrets/key-providers/env")).envKey(keyEnv);
  if (keyFile !== undefined) return (await import("@symbiont/secrets/key-providers/file")).fileKey(keyFile);
  return (await import("@symbiont/secrets/symbiont")).symbiontMasterKey();
}
