import {
  type AppendFile,
  type FileEntry,
  type FileLock,
  type FilestoreErrorCode,
  type Lease,
  type PrivateFile,
  readPrivateFile,
  updateFile,
  withLock,
} from "@symbiont/filestore";
import { describe, expectTypeOf, test } from "vitest";

describe("types that are promises", () => {
  test("the codes are a closed union", () => {
    expectTypeOf<FilestoreErrorCode>().toEqualTypeOf<
      | "FILE_NOT_FOUND"
      | "FILE_EXISTS"
      | "FILE_NOT_REGULAR"
      | "FILE_IS_SYMLINK"
      | "FILE_NOT_PRIVATE"
      | "FILE_WRONG_OWNER"
      | "FILE_DIRECTORY_NOT_PRIVATE"
      | "FILE_ACCESS_DENIED"
      | "FILE_READ_ONLY"
      | "FILE_TOO_LARGE"
      | "FILE_LINE_TOO_LONG"
      | "FILE_FORMAT_INVALID"
      | "FILE_CONFLICT"
      | "FILE_FORKED"
      | "FILE_TORN_TAIL"
      | "FILE_SYNC_FAILED"
      | "FILE_NO_SPACE"
      | "FILE_CLOSED"
      | "FILE_LOCK_TIMEOUT"
      | "FILE_LOCK_LOST"
      | "FILE_IO"
    >();
  });

  test("a size limit must be given", () => {
    expectTypeOf(readPrivateFile).parameter(1).toHaveProperty("maxBytes").toEqualTypeOf<number>();
    expectTypeOf(updateFile).parameter(2).toHaveProperty("maxBytes").toEqualTypeOf<number>();
  });

  test("a lease cannot be given back by whoever borrows it", () => {
    expectTypeOf(withLock).parameter(1).parameter(0).toEqualTypeOf<Lease>();
    expectTypeOf<Lease>().not.toHaveProperty("release");
    expectTypeOf<FileLock>().toExtend<Lease>();
  });

  test("bytes are plain arrays", () => {
    expectTypeOf<PrivateFile["bytes"]>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<AppendFile["append"]>().parameter(0).toEqualTypeOf<readonly Uint8Array[]>();
  });

  test("only a line has bytes, only a tail has a reason", () => {
    expectTypeOf<Extract<FileEntry, { kind: "line" }>>().toHaveProperty("bytes");
    expectTypeOf<Extract<FileEntry, { kind: "torn" }>>().not.toHaveProperty("bytes");
    expectTypeOf<Extract<FileEntry, { kind: "torn" }>>().toHaveProperty("reason");
  });
});
