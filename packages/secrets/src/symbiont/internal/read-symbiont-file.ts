import { resolve } from "node:path";
import { readPrivateFile } from "@symbiont/filestore";
import { decodeUtf8, encodeUtf8 } from "@symbiont/kit";
import { fileError } from "../../file/internal/file-error.ts";
import { realPath } from "../../file/internal/real-path.ts";
import { Secret } from "../../secret.ts";
import { PlainValue } from "../../secret-value.ts";
import { type Entries, unreadable } from "../formats/plain-format.ts";

const MAX_BYTES = 16 << 20;

/** Reads a file of Symbiont. @param mode most permission bits it may have. */
export async function readSymbiontFile(path: string, mode = 0o600): Promise<Uint8Array> {
  try {
    return (await readPrivateFile(realPath(resolve(path)), { maxBytes: MAX_BYTES, mode })).bytes;
  } catch (error) {
    throw fileError(error);
  }
}

/** Reads text out of bytes, which are zeroed. */
export function takeText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    throw unreadable("not UTF-8 text");
  } finally {
    bytes.fill(0);
  }
}

/** Puts values behind handles. */
export function secretsOf(entries: Entries): ReadonlyMap<string, Secret> {
  const secrets = new Map<string, Secret>();
  for (const [name, value] of entries)
    secrets.set(name, new Secret(name, 1, new PlainValue(encodeUtf8(value))));
  return secrets;
}
