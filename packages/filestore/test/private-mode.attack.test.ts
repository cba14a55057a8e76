import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import {
  AppendFile,
  type FilestoreErrorCode,
  readLines,
  readPrivateFile,
  replaceFile,
} from "@symbiont/filestore";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const BYTES = new TextEncoder().encode("secret\n");
const isRoot = process.geteuid?.() === 0;

/** Every way in, so that none of them is laxer than the others. */
const doors: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  readPrivateFile: (path) => readPrivateFile(path, { maxBytes: 1000 }),
  readLines: async (path) => {
    for await (const entry of readLines(path, { maxLineBytes: 1000 })) return entry;
    return undefined;
  },
  replaceFile: (path) => replaceFile(path, BYTES),
  "AppendFile.open": async (path) => (await AppendFile.open(path)).close(),
};

interface Place {
  readonly directory: string;
  readonly path: string;
}

function prepared(): Place {
  const directory = temporaryDirectory();
  const path = join(directory, "file");
  writeFileSync(path, BYTES, { mode: 0o600 });
  return { directory, path };
}

describe.each(Object.entries(doors))("%s", (_name, enter) => {
  test("enters a private file", async () => {
    await enter(prepared().path);
  });

  const wrong: readonly [what: string, spoil: (place: Place) => string | void, code: FilestoreErrorCode][] = [
    [
      "a symbolic link",
      ({ directory, path }) => {
        symlinkSync(path, join(directory, "link"));
        return join(directory, "link");
      },
      "FILE_IS_SYMLINK",
    ],
    [
      "a symbolic link that leads nowhere",
      ({ directory }) => {
        symlinkSync(join(directory, "nowhere"), join(directory, "link"));
        return join(directory, "link");
      },
      "FILE_IS_SYMLINK",
    ],
    [
      "a directory",
      ({ directory }) => (mkdirSync(join(directory, "d")), join(directory, "d")),
      "FILE_NOT_REGULAR",
    ],
    [
      "a FIFO, without waiting for a peer",
      ({ directory }) => {
        execFileSync("mkfifo", ["-m", "600", join(directory, "fifo")]);
        return join(directory, "fifo");
      },
      "FILE_NOT_REGULAR",
    ],
    ["a file its group may read", ({ path }) => chmodSync(path, 0o640), "FILE_NOT_PRIVATE"],
    ["a file its group may write", ({ path }) => chmodSync(path, 0o620), "FILE_NOT_PRIVATE"],
    ["a file others may read", ({ path }) => chmodSync(path, 0o604), "FILE_NOT_PRIVATE"],
    ["a file others may write", ({ path }) => chmodSync(path, 0o602), "FILE_NOT_PRIVATE"],
    ["a file others may run", ({ path }) => chmodSync(path, 0o601), "FILE_NOT_PRIVATE"],
    [
      "a directory others may write to",
      ({ directory }) => chmodSync(directory, 0o707),
      "FILE_DIRECTORY_NOT_PRIVATE",
    ],
    [
      "a directory its group may write to",
      ({ directory }) => chmodSync(directory, 0o770),
      "FILE_DIRECTORY_NOT_PRIVATE",
    ],
  ];
  test.each(wrong)("refuses %s", async (_what, spoil, code) => {
    const place = prepared();
    const path = spoil(place) ?? place.path;
    await expect(enter(path)).rejects.toMatchObject(refusal(code, { path, retryable: false }));
  });

  test("enters a shared directory with the sticky bit, where nobody can swap another's file", async () => {
    const { directory, path } = prepared();
    chmodSync(directory, 0o1777);
    await enter(path);
  });

  test("enters a directory that others may only read", async () => {
    const { directory, path } = prepared();
    chmodSync(directory, 0o755);
    await enter(path);
  });

  test("refuses a socket", async () => {
    const { directory } = prepared();
    const path = join(directory, "socket");
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once("listening", resolve));
    chmodSync(path, 0o600);
    await expect(enter(path)).rejects.toMatchObject(refusal("FILE_NOT_REGULAR"));
    await new Promise((resolve) => server.close(resolve));
  });

  test.skipIf(!isRoot)("refuses a file of another user", async () => {
    const { path } = prepared();
    chownSync(path, 12_345, 12_345);
    await expect(enter(path)).rejects.toMatchObject(refusal("FILE_WRONG_OWNER"));
  });

  test.skipIf(!isRoot)("refuses a directory of another user", async () => {
    const { directory, path } = prepared();
    chownSync(directory, 12_345, 12_345);
    await expect(enter(path)).rejects.toMatchObject(refusal("FILE_DIRECTORY_NOT_PRIVATE"));
  });

  test.skipIf(!isRoot)(
    "refuses another user's file planted in a sticky directory by a hard link",
    async () => {
      const { directory } = prepared();
      chmodSync(directory, 0o1777);
      const path = join(directory, "planted");
      writeFileSync(join(directory, "theirs"), "x", { mode: 0o600 });
      chownSync(join(directory, "theirs"), 12_345, 12_345);
      linkSync(join(directory, "theirs"), path);
      await expect(enter(path)).rejects.toMatchObject(refusal("FILE_WRONG_OWNER"));
    },
  );
});

describe("rights that were asked for", () => {
  test("are allowed, more are not", async () => {
    const { path } = prepared();
    chmodSync(path, 0o640);
    const { bytes } = await readPrivateFile(path, { maxBytes: 1000, mode: 0o640 });
    expect(bytes).toEqual(BYTES);
    chmodSync(path, 0o644);
    await expect(readPrivateFile(path, { maxBytes: 1000, mode: 0o640 })).rejects.toMatchObject(
      refusal("FILE_NOT_PRIVATE"),
    );
  });
});
