import { fstatSync } from "node:fs";
import { type FileSystem, nodeFileSystem } from "@symbiont/filestore";

/** An error as the system makes it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code, syscall: "injected" });
}

/** The machine's file system with some calls replaced. */
export function fileSystemWith(calls: Partial<FileSystem>): FileSystem {
  return { ...nodeFileSystem, ...calls };
}

/** The machine's file system, noting which calls were made, in order. */
export function recordingFileSystem(): { readonly fileSystem: FileSystem; readonly calls: string[] } {
  const calls: string[] = [];
  const kinds = new Map<number, string>();
  const fileSystem: FileSystem = {
    open(path, flags, mode) {
      const descriptor = nodeFileSystem.open(path, flags, mode);
      const kind = fstatSync(descriptor).isDirectory() ? "directory" : "file";
      kinds.set(descriptor, path.endsWith(".tmp") ? "temporary" : kind);
      calls.push(`open ${kinds.get(descriptor)}`);
      return descriptor;
    },
    write(descriptor, bytes, position) {
      calls.push(`write ${kinds.get(descriptor)}`);
      return nodeFileSystem.write(descriptor, bytes, position);
    },
    truncate(descriptor, size) {
      calls.push(`truncate ${kinds.get(descriptor)}`);
      nodeFileSystem.truncate(descriptor, size);
    },
    rename(from, to) {
      calls.push("rename");
      nodeFileSystem.rename(from, to);
    },
    fsync(descriptor) {
      calls.push(`fsync ${kinds.get(descriptor)}`);
      return nodeFileSystem.fsync(descriptor);
    },
    fdatasync(descriptor) {
      calls.push(`fdatasync ${kinds.get(descriptor)}`);
      return nodeFileSystem.fdatasync(descriptor);
    },
    fdatasyncSync(descriptor) {
      calls.push(`fdatasyncSync ${kinds.get(descriptor)}`);
      nodeFileSystem.fdatasyncSync(descriptor);
    },
  };
  return { fileSystem, calls };
}
