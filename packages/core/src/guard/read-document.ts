import { type FileHandle, open } from "node:fs/promises";
import { type JsonValue, parseJson } from "@symbiont/kit";
import { GuardError } from "./guard-error.ts";

/** Where the configuration is when `SYMBIONT_CONFIG` does not say. */
export const DEFAULT_CONFIG_FILE = "symbiont.config.json";

const MAX_BYTES = 4 << 20;

/** Reads a public document, up to 4 MiB. @throws GuardError `GUARD_START_FAILED` naming the member of the configuration. */
export async function readDocument(path: string, member: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw new RangeError("the file is too large");
    return new Uint8Array(await file.readFile());
  } catch (error) {
    throw new GuardError("GUARD_START_FAILED", `${named(member)} could not be read`, { cause: error });
  } finally {
    await file?.close();
  }
}

/** Reads a document of JSON. @throws GuardError `GUARD_START_FAILED` naming the member of the configuration. */
export async function readJsonDocument(path: string, member: string): Promise<JsonValue> {
  const bytes = await readDocument(path, member);
  try {
    return parseJson(bytes, { maxBytes: MAX_BYTES });
  } catch (error) {
    throw new GuardError("GUARD_START_FAILED", `${named(member)} is not JSON that can be read`, {
      cause: error,
    });
  }
}

/** The configuration itself is no member of anything. */
function named(member: string): string {
  return member === DEFAULT_CONFIG_FILE ? member : `the file of ${member}`;
}
