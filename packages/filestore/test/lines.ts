import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FileEntry, readLines } from "@symbiont/filestore";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Puts content into a private file of its own. */
export function fileHolding(content: string | Uint8Array): string {
  const path = join(temporaryDirectory(), "lines");
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** Reads everything there is to read. */
export async function entriesOf(path: string, maxLineBytes = 1_000_000, from = 0): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for await (const entry of readLines(path, { maxLineBytes, from })) entries.push(entry);
  return entries;
}
