import { open, writeFile } from "node:fs/promises";
import { UsageError } from "./usage-error.ts";

/** Writes a new file that only we may read. @throws UsageError when there is one already: keys are never overwritten. */
export async function writeNew(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const file = await open(path, "wx", mode).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") throw new UsageError(`${path} exists; it is not overwritten`);
    if (error.code === "ENOENT") throw new UsageError(`the folder of ${path} does not exist`);
    throw error;
  });
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a public file, over the one before where there is one. */
export async function writePublic(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content, { mode: 0o644 });
}
