import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every record of a journal's folder, in order, as it stands in the files. */
export function readRecords(folder: string): any[] {
  const seg = join(folder, "seg");
  return readdirSync(seg)
    .sort()
    .flatMap((name) => readFileSync(join(seg, name), "utf8").split("\n").filter(Boolean))
    .map((line) => JSON.parse(line) as unknown);
}
