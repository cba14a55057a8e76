import { FilestoreError, type FilestoreErrorCode } from "@symbiont/filestore";
import { SymbiontError } from "@symbiont/kit";
import { expect, test } from "vitest";

const retryable: Readonly<Record<FilestoreErrorCode, boolean>> = {
  FILE_NOT_FOUND: false,
  FILE_EXISTS: false,
  FILE_NOT_REGULAR: false,
  FILE_IS_SYMLINK: false,
  FILE_NOT_PRIVATE: false,
  FILE_WRONG_OWNER: false,
  FILE_DIRECTORY_NOT_PRIVATE: false,
  FILE_ACCESS_DENIED: false,
  FILE_READ_ONLY: false,
  FILE_TOO_LARGE: false,
  FILE_LINE_TOO_LONG: false,
  FILE_FORMAT_INVALID: false,
  FILE_CONFLICT: true,
  FILE_FORKED: false,
  FILE_TORN_TAIL: false,
  FILE_SYNC_FAILED: false,
  FILE_NO_SPACE: true,
  FILE_CLOSED: false,
  FILE_LOCK_TIMEOUT: true,
  FILE_LOCK_LOST: true,
  FILE_IO: false,
};

test.each(Object.entries(retryable))("%s tells whether trying again may help", (code, expected) => {
  const error = new FilestoreError(code as FilestoreErrorCode, "something happened", { path: "/a/b" });
  expect(error).toMatchObject({ name: "FilestoreError", code, retryable: expected, path: "/a/b" });
  expect(FilestoreError.is(error)).toBe(true);
  expect(SymbiontError.is(error)).toBe(true);
});
