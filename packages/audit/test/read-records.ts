import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Every record of a journal's folder, in order, as it stands in the files. What a killed writer has left without a newline
 * is no record.
 */
export function readRecords(folder: string): any[] {
  const seg = join(folder, "seg");
  return readdirSync(seg)
    .sort()
    .flatMap((name) => readFileSync(join(seg, name), "utf8").split("\n").slice(0, -1))
    .map((line) => JSON.parse(line) as unknown);
}
