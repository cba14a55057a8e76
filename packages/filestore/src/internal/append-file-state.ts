import { closeSync, constants } from "node:fs";
import { dirname, resolve } from "node:path";
import type { AppendFileOptions } from "../append-file-options.ts";
import { type FileSystem, nodeFileSystem } from "../file-system.ts";
import { syncDirectory } from "../sync-directory.ts";
import { ioError } from "./io-error.ts";
import { createPrivate, openPrivate } from "./open-private.ts";
import { checkedMode } from "./options.ts";
import { assertPrivateDirectory } from "./private-mode.ts";
import { removeQuietly } from "./remove-quietly.ts";
import { syncFile } from "./sync-file.ts";
import { endsWithNewline } from "./whole-lines.ts";

/** What an append file begins with. */
export interface AppendFileState {
  readonly path: string;
  readonly descriptor: number;
  readonly mode: number;
  readonly fileSystem: FileSystem;
  readonly size: number;
  /** How much of it is known to be durable; -1 when an earlier process may have left that open. */
  readonly durable: number;
  /** Whether its last line is not whole. */
  readonly torn: boolean;
}

/** Creates an append file, durably; when it throws there is none. @throws FilestoreError */
export async function createAppendFile(path: string, options: AppendFileOptions): Promise<AppendFileState> {
  const absolute = resolve(path);
  const { mode, fileSystem } = checkedOptions(options);
  assertPrivateDirectory(absolute);
  let descriptor: number;
  try {
    descriptor = createPrivate(fileSystem, absolute, mode);
  } catch (error) {
    throw ioError(error, absolute, "creating the file");
  }
  try {
    await syncFile(fileSystem, { descriptor, path: absolute });
    await syncDirectory(dirname(absolute), fileSystem);
  } catch (error) {
    closeSync(descriptor);
    removeQuietly(absolute);
    throw error;
  }
  return { path: absolute, descriptor, mode, fileSystem, size: 0, durable: 0, torn: false };
}

/** Opens an append file that exists. @throws FilestoreError */
export function openAppendFile(path: string, options: AppendFileOptions): AppendFileState {
  const absolute = resolve(path);
  const { mode, fileSystem } = checkedOptions(options);
  const { descriptor, stats } = openPrivate(fileSystem, absolute, constants.O_RDWR, mode);
  try {
    const size = Number(stats.size);
    const torn = !endsWithNewline(descriptor, size);
    return { path: absolute, descriptor, mode, fileSystem, size, durable: -1, torn };
  } catch (error) {
    closeSync(descriptor);
    throw ioError(error, absolute, "opening the file");
  }
}

function checkedOptions(options: AppendFileOptions): { mode: number; fileSystem: FileSystem } {
  return { mode: checkedMode(options.mode), fileSystem: options.fileSystem ?? nodeFileSystem };
}
