import { sha256, sha256Hex } from "@symbiont/keys";
import { concatBytes, encodeUtf8 } from "@symbiont/kit";
import { SIGNATURE_FILE } from "../snapshot/entry-name.ts";
import type { SkillSnapshot } from "../snapshot/skill-snapshot.ts";

/** What format 1 of the skill signature hashes. */
export interface V1Manifest {
  /** `sha256:<hex>` by path. Each is over the path and the bytes, with nothing between them. */
  readonly files: ReadonlyMap<string, string>;
  /** The hexadecimal digests, one behind the other, in the order of the paths' UTF-8 bytes. */
  readonly message: Uint8Array;
  /** SHA-256 of the message: what is signed. */
  readonly root: Uint8Array;
}

/** Computes what format 1 hashes, over the bytes of the snapshot. */
export function v1Manifest(snapshot: SkillSnapshot): V1Manifest {
  const files = new Map<string, string>();
  let message = "";
  for (const { path } of snapshot.files) {
    if (path === SIGNATURE_FILE) continue;
    const digest = sha256Hex(concatBytes(encodeUtf8(path), snapshot.bytes(path) ?? new Uint8Array()));
    files.set(path, `sha256:${digest}`);
    message += digest;
  }
  const bytes = encodeUtf8(message);
  return { files, message: bytes, root: sha256(bytes) };
}

/** What differs between two manifests: paths, in the order of the first or second. */
export interface ManifestDifference {
  readonly modified: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Compares what was signed with what is there. */
export function compareManifests(
  signed: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): ManifestDifference {
  const paths = [...found.keys()];
  return {
    modified: paths.filter((path) => signed.has(path) && signed.get(path) !== found.get(path)),
    added: paths.filter((path) => !signed.has(path)),
    removed: [...signed.keys()].filter((path) => !found.has(path)),
  };
}
