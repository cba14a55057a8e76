import type { BackendOptions, SecretBackend } from "../../backend.ts";
import type { SecretValue } from "../../secret-value.ts";

/** A back end that can also be asked for a version by its number. */
export interface KvBackend extends SecretBackend {
  /** @throws SecretError `SECRET_DELETED` when the version is gone. */
  versionValue(name: string, version: number, options: BackendOptions): Promise<SecretValue>;
}
