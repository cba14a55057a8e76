import type { JsonTreeObject } from "@symbiont/kit";
import type { BackendOptions } from "../../backend.ts";
import { SecretError } from "../../errors.ts";
import { failureOf } from "../internal/failure-of.ts";
import { isAbsent } from "../internal/is-absent.ts";
import { instantIn, isObject, numberIn, objectIn } from "../internal/read-answer.ts";
import type { VaultClient } from "../vault-client.ts";

/** One version of an entry. Instants are epoch milliseconds. */
export interface EntryVersion {
  readonly entry: JsonTreeObject;
  readonly version: number;
  readonly writtenAt: number | undefined;
  /** When Vault is going to delete the version by itself. */
  readonly endsAt: number | undefined;
  readonly custom: JsonTreeObject;
}

/**
 * Reads a version of an entry, without `version` the current one.
 * @returns undefined when there is no such entry, or no such version.
 * @throws SecretError `SECRET_DELETED`, and what the client throws.
 */
export async function readVersion(
  client: VaultClient,
  path: readonly string[],
  options: BackendOptions & { readonly name: string; readonly version?: number },
): Promise<EntryVersion | undefined> {
  const { name, version, signal } = options;
  const answer = await client.request(
    {
      method: "GET",
      path,
      ...(version !== undefined && { query: { version: String(version) } }),
      accept: [404],
      repeat: "always",
    },
    signal === undefined ? {} : { signal },
  );
  if (isAbsent(answer)) return undefined;
  if (answer.status === 404 && !isObject(answer.body["data"])) throw failureOf(answer);
  const data = objectIn(answer.body, "data");
  const metadata = objectIn(data, "metadata");
  const { data: entry } = data;
  // A deleted version is a 404 that still tells about itself.
  if (!isObject(entry))
    throw new SecretError("SECRET_DELETED", "that version was deleted in Vault", { secret: name });
  const { custom_metadata: custom } = metadata;
  return {
    entry,
    version: numberIn(metadata, "version"),
    writtenAt: instantIn(metadata, "created_time"),
    endsAt: instantIn(metadata, "deletion_time"),
    custom: isObject(custom) ? custom : {},
  };
}
