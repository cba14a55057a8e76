import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readInput } from "../../program/read-input.ts";
import type { Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";

/** One file of policies as it was read. */
export interface PolicySourceFile {
  readonly file: string;
  readonly source: Uint8Array;
}

/** Reads files, and the `*.symbi` files of folders and everything below them, in the order of their names. */
export async function readPolicyFiles(
  paths: readonly string[],
  task: Task,
): Promise<readonly PolicySourceFile[]> {
  const files: string[] = [];
  for (const path of paths) {
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined) throw new UsageError(`${path} does not exist`);
    if (!stats.isDirectory()) files.push(path);
    else {
      const below = await readdir(path, { recursive: true });
      files.push(
        ...below
          .filter((name) => name.endsWith(".symbi"))
          .sort()
          .map((name) => join(path, name)),
      );
    }
  }
  if (files.length === 0) throw new UsageError("there is no *.symbi file");
  return Promise.all(files.map(async (file) => ({ file, source: await readInput(file, task) })));
}
