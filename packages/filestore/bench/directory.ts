import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is gone when the process ends. */
export function benchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "filestore-bench-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
