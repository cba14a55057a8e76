import type { JsonTree } from "@symbiont/kit";
import type { BackendOptions } from "../../backend.ts";
import { SecretError } from "../../errors.ts";
import { checkSecretName } from "../../secret-name.ts";
import { failureOf } from "../internal/failure-of.ts";
import { isAbsent } from "../internal/is-absent.ts";
import { objectIn } from "../internal/read-answer.ts";
import type { VaultClient } from "../vault-client.ts";
import type { KvLocation } from "./kv-location.ts";

const MAX_NAMES = 10_000;
const MAX_FOLDERS = 2_000;
const AT_ONCE = 8;

/** Where to list. */
interface Listing {
  readonly location: KvLocation;
  /** `metadata`; empty for version 1 of the engine. */
  readonly branch: readonly string[];
}

/**
 * All names that begin with `prefix`, from its folder down. Names that break our rules, which other programs may have
 * written, are left out: they could not be asked for.
 * @throws SecretError `SECRET_TOO_LARGE` beyond 10000 names or 2000 folders, and what the client throws.
 */
export async function listNames(
  client: VaultClient,
  { location, branch }: Listing,
  { prefix, signal }: { readonly prefix: string } & BackendOptions,
): Promise<readonly string[]> {
  const names: string[] = [];
  let folders = [prefix.slice(0, prefix.lastIndexOf("/") + 1)];
  let visited = 0;
  while (folders.length > 0) {
    const batch = folders.slice(0, AT_ONCE);
    folders = folders.slice(AT_ONCE);
    visited += batch.length;
    const answers = await Promise.all(
      batch.map(async (folder) => {
        const segments = folder.split("/").filter((segment) => segment !== "");
        return children(client, location.folder(branch, segments), signal);
      }),
    );
    for (const [index, found] of answers.entries())
      for (const child of found) {
        const path = `${batch[index] ?? ""}${child}`;
        const isFolder = path.endsWith("/");
        if (!isName(isFolder ? path.slice(0, -1) : path)) continue;
        if (!isFolder && path.startsWith(prefix)) names.push(path);
        if (isFolder && (path.startsWith(prefix) || prefix.startsWith(path))) folders.push(path);
      }
    if (names.length > MAX_NAMES || visited + folders.length > MAX_FOLDERS)
      throw new SecretError("SECRET_TOO_LARGE", "there are more names than can be listed");
  }
  return names;
}

async function children(
  client: VaultClient,
  path: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const answer = await client.request(
    { method: "GET", path, query: { list: "true" }, accept: [404], repeat: "always" },
    signal === undefined ? {} : { signal },
  );
  if (isAbsent(answer)) return [];
  if (answer.status === 404) throw failureOf(answer);
  const { keys } = objectIn(answer.body, "data");
  if (!Array.isArray(keys))
    throw new SecretError("SECRET_ANSWER_INVALID", "Vault answered with no list of names");
  return keys.filter((key: JsonTree) => typeof key === "string");
}

function isName(name: string): boolean {
  try {
    checkSecretName(name);
    return true;
  } catch {
    return false;
  }
}
