import { fdatasync, fdatasyncSync, fsync, ftruncateSync, openSync, renameSync, writeSync } from "node:fs";

/**
 * The few calls that can lose data, so that their failures can be injected. Everything is synchronous except
 * the two that wait for the device: those run on the thread pool.
 */
export interface FileSystem {
  /** Opens a file and returns its descriptor. `flags` are the numeric constants of `node:fs`. */
  open(path: string, flags: number, mode: number): number;
  /** Writes at `position` and returns how many bytes were taken, which may be fewer than offered. */
  write(descriptor: number, bytes: Uint8Array, position: number): number;
  /** Cuts the file to `size` bytes. */
  truncate(descriptor: number, size: number): void;
  /** Puts `from` in the place of `to`, atomically. */
  rename(from: string, to: string): void;
  /** Makes data and metadata durable. */
  fsync(descriptor: number): Promise<void>;
  /** Makes data durable, and the metadata needed to read it back. */
  fdatasync(descriptor: number): Promise<void>;
  /** The blocking form of {@link FileSystem.fdatasync}, for the last moment of a process. */
  fdatasyncSync(descriptor: number): void;
}

/** The machine's own file system. */
export const nodeFileSystem: FileSystem = {
  open: (path, flags, mode) => openSync(path, flags, mode),
  write: (descriptor, bytes, position) => writeSync(descriptor, bytes, 0, bytes.length, position),
  truncate: (descriptor, size) => ftruncateSync(descriptor, size),
  rename: (from, to) => renameSync(from, to),
  fsync: (descriptor) => settled((done) => fsync(descriptor, done)),
  fdatasync: (descriptor) => settled((done) => fdatasync(descriptor, done)),
  fdatasyncSync: (descriptor) => fdatasyncSync(descriptor),
};

function settled(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(error)));
  });
}
