import type { JsonTreeObject } from "@symbiont/kit";
import type { BackendOptions } from "../../backend.ts";
import { failureOf } from "../internal/failure-of.ts";
import { isAbsent } from "../internal/is-absent.ts";
import { instantIn, isObject, numberIn, objectIn } from "../internal/read-answer.ts";
import type { VaultClient } from "../vault-client.ts";

/** What Vault tells of an entry without its values. */
export interface EntryState {
  /** Whether the name is known. */
  readonly known: boolean;
  /** Number of the current version, deleted or not; 0 when there never was one. */
  readonly version: number;
  /** Whether the current version can be read. */
  readonly live: boolean;
  readonly createdAt: number | undefined;
  readonly custom: JsonTreeObject;
}

const UNKNOWN: EntryState = { known: false, version: 0, live: false, createdAt: undefined, custom: {} };

/** Looks an entry up without reading its values. */
export async function readEntryState(
  client: VaultClient,
  path: readonly string[],
  { signal, now }: BackendOptions & { readonly now: number },
): Promise<EntryState> {
  const answer = await client.request(
    { method: "GET", path, accept: [404], repeat: "always" },
    signal === undefined ? {} : { signal },
  );
  if (isAbsent(answer)) return UNKNOWN;
  if (answer.status === 404) throw failureOf(answer);
  const data = objectIn(answer.body, "data");
  const version = numberIn(data, "current_version");
  const { versions, custom_metadata: custom } = data;
  const current = isObject(versions) ? versions[String(version)] : undefined;
  return {
    known: true,
    version,
    live: isObject(current) && isLive(current, now),
    createdAt: instantIn(data, "created_time"),
    custom: isObject(custom) ? custom : {},
  };
}

// The deletion may lie ahead, where versions have an end. It is Vault's own clock that decides, but being wrong about
// it here only means that an entry is written whole, or that the write is refused.
function isLive(version: JsonTreeObject, now: number): boolean {
  const deletedAt = instantIn(version, "deletion_time");
  return version["destroyed"] !== true && (deletedAt === undefined || deletedAt > now);
}
