import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FilestoreErrorCode, replaceFile } from "@symbiont/filestore";
import { describe, expect, test } from "vitest";
import { fileSystemWith, systemError } from "./faulty-file-system.ts";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const NEW = new TextEncoder().encode("new");

async function existing(): Promise<{ readonly directory: string; readonly path: string }> {
  const directory = temporaryDirectory();
  const path = join(directory, "file.bin");
  await replaceFile(path, new TextEncoder().encode("old"));
  return { directory, path };
}

describe("a failing system leaves the old file and nothing else", () => {
  const failing: readonly [
    call: "open" | "write" | "fsync" | "rename",
    errno: string,
    code: FilestoreErrorCode,
  ][] = [
    ["open", "EACCES", "FILE_ACCESS_DENIED"],
    ["open", "EROFS", "FILE_READ_ONLY"],
    ["open", "ENOSPC", "FILE_NO_SPACE"],
    ["open", "EMFILE", "FILE_IO"],
    ["write", "ENOSPC", "FILE_NO_SPACE"],
    ["write", "EDQUOT", "FILE_NO_SPACE"],
    ["write", "EIO", "FILE_IO"],
    ["fsync", "EIO", "FILE_SYNC_FAILED"],
    ["fsync", "ENOSPC", "FILE_SYNC_FAILED"],
    ["rename", "EIO", "FILE_IO"],
    ["rename", "EROFS", "FILE_READ_ONLY"],
    ["rename", "EPERM", "FILE_ACCESS_DENIED"],
  ];
  test.each(failing)("%s with %s is %s", async (call, errno, code) => {
    const { directory, path } = await existing();
    const fileSystem = fileSystemWith({
      [call]: () => {
        if (call === "fsync") return Promise.reject(systemError(errno));
        throw systemError(errno);
      },
    });
    const error: unknown = await replaceFile(path, NEW, { fileSystem }).catch((error: unknown) => error);
    expect(error).toMatchObject(refusal(code, { path }));
    expect((error as Error).cause).toMatchObject({ code: errno });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(directory)).toEqual(["file.bin"]);
  });

  test("a write that takes nothing ends in an error, not in a loop", async () => {
    const { directory, path } = await existing();
    const fileSystem = fileSystemWith({ write: () => 0 });
    await expect(replaceFile(path, NEW, { fileSystem })).rejects.toMatchObject(refusal("FILE_IO"));
    expect(readdirSync(directory)).toEqual(["file.bin"]);
  });

  test("half a write and then an error leaves no half file", async () => {
    const { directory, path } = await existing();
    const { write } = fileSystemWith({});
    const fileSystem = fileSystemWith({
      write(descriptor, bytes, position) {
        if (position > 0) throw systemError("EIO");
        return write(descriptor, bytes.subarray(0, 1), position);
      },
    });
    await expect(replaceFile(path, NEW, { fileSystem })).rejects.toMatchObject(refusal("FILE_IO"));
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(directory)).toEqual(["file.bin"]);
  });

  test.each(["EINVAL", "EPERM", "EISDIR", "ENOTSUP"])(
    "a directory that cannot be synced at all (%s) is no error",
    async (errno) => {
      const { path } = await existing();
      await replaceFile(path, NEW, { fileSystem: failingDirectorySync(errno) });
      expect(readFileSync(path, "utf8")).toBe("new");
    },
  );

  test("a directory whose sync fails is one, and then the new content is visible", async () => {
    const { path } = await existing();
    const replacing = replaceFile(path, NEW, { fileSystem: failingDirectorySync("EIO") });
    await expect(replacing).rejects.toMatchObject(refusal("FILE_SYNC_FAILED", { retryable: false }));
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  function failingDirectorySync(errno: string): ReturnType<typeof fileSystemWith> {
    const { fsync, rename } = fileSystemWith({});
    let renamed = false;
    return fileSystemWith({
      rename(from, to) {
        rename(from, to);
        renamed = true;
      },
      fsync: (descriptor) => (renamed ? Promise.reject(systemError(errno)) : fsync(descriptor)),
    });
  }
});

describe("a name in the way", () => {
  test("a directory at the path is left alone", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "taken"));
    const replacing = replaceFile(join(directory, "taken"), NEW);
    await expect(replacing).rejects.toMatchObject(refusal("FILE_NOT_REGULAR"));
    expect(readdirSync(directory)).toEqual(["taken"]);
  });

  test("a missing directory is named as such", async () => {
    const path = join(temporaryDirectory(), "missing", "file");
    await expect(replaceFile(path, NEW)).rejects.toMatchObject(refusal("FILE_NOT_FOUND", { path }));
  });

  test("a file where a directory should be is named as such", async () => {
    const { path } = await existing();
    await expect(replaceFile(join(path, "file"), NEW)).rejects.toMatchObject(refusal("FILE_NOT_FOUND"));
  });

  test("a file that others may read is not quietly made private: somebody may have read it", async () => {
    const { path } = await existing();
    chmodSync(path, 0o644);
    await expect(replaceFile(path, NEW)).rejects.toMatchObject(refusal("FILE_NOT_PRIVATE"));
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  test("names with unusual characters stay one name", async () => {
    const directory = temporaryDirectory();
    for (const name of ["a b", "ü…", "$(x)", "new\nline", "..x", "-rf"]) {
      await replaceFile(join(directory, name), NEW);
      expect(readFileSync(join(directory, name), "utf8")).toBe("new");
    }
    expect(readdirSync(directory).length).toBe(6);
  });

  test("no secret of the content reaches an error", async () => {
    const { path } = await existing();
    const canary = "canary-9d41";
    const fileSystem = fileSystemWith({
      write() {
        throw systemError("EIO");
      },
    });
    const error = (await replaceFile(path, new TextEncoder().encode(canary), { fileSystem }).catch(
      (error: unknown) => error,
    )) as Error;
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(
      canary,
    );
    writeFileSync(path, "old");
  });
});
