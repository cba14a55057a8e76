import {
  chmodSync,
  existsSync,
  futimesSync,
  lstatSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileGeneration, replaceFile, sameGeneration } from "@symbiont/filestore";
import { afterEach, describe, expect, test } from "vitest";
import { fileSystemWith, recordingFileSystem, systemError } from "./faulty-file-system.ts";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const OLD = new TextEncoder().encode("old");
const NEW = new TextEncoder().encode("new content");

function place(): { readonly directory: string; readonly path: string } {
  const directory = temporaryDirectory();
  return { directory, path: join(directory, "store.json") };
}

describe("replacing a file", () => {
  test("creates it with exactly the owner's rights, whatever the umask", async () => {
    const { directory, path } = place();
    for (const mask of [0o000, 0o777]) {
      const before = process.umask(mask);
      try {
        await replaceFile(path, NEW);
      } finally {
        process.umask(before);
      }
      expect(lstatSync(path).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(path, "utf8")).toBe("new content");
    expect(readdirSync(directory)).toEqual(["store.json"]);
  });

  test("replaces the old content, also with nothing", async () => {
    const { path } = place();
    await replaceFile(path, OLD);
    await replaceFile(path, NEW);
    expect(readFileSync(path, "utf8")).toBe("new content");
    await replaceFile(path, new Uint8Array());
    expect(readFileSync(path).length).toBe(0);
  });

  test("gives the mode that was asked for", async () => {
    const { path } = place();
    await replaceFile(path, NEW, { mode: 0o644 });
    expect(lstatSync(path).mode & 0o777).toBe(0o644);
  });

  test("syncs the content before the rename and the directory after it", async () => {
    const { path } = place();
    const { fileSystem, calls } = recordingFileSystem();
    await replaceFile(path, NEW, { fileSystem });
    expect(calls).toEqual([
      "open temporary",
      "write temporary",
      "fsync temporary",
      "rename",
      "open directory",
      "fsync directory",
    ]);
  });

  test("returns the generation that is on disk", async () => {
    const { path } = place();
    const first = await replaceFile(path, OLD);
    expect(sameGeneration(first, fileGeneration(path))).toBe(true);
    const second = await replaceFile(path, OLD);
    expect(sameGeneration(second, fileGeneration(path))).toBe(true);
    expect(sameGeneration(first, second)).toBe(false);
  });

  test("gives every generation a time of its own, also where the kernel's clock ticks slowly", async () => {
    const { path } = place();
    const tick = Math.floor(Date.now() / 1000);
    const { write } = fileSystemWith({});
    const fileSystem = fileSystemWith({
      write(descriptor, bytes, position) {
        const taken = write(descriptor, bytes, position);
        futimesSync(descriptor, tick, tick);
        return taken;
      },
    });
    const times = new Set<bigint>();
    for (let round = 0; round < 50; round += 1) {
      const { mtimeNs } = await replaceFile(path, NEW, { fileSystem });
      times.add(mtimeNs);
    }
    expect(times.size).toBe(50);
    expect(Math.abs(lstatSync(path).mtimeMs - Date.now())).toBeLessThan(60_000);
  });

  test("writes on after the system took only a part", async () => {
    const { path } = place();
    const { write } = fileSystemWith({});
    const fileSystem = fileSystemWith({
      write: (descriptor, bytes, position) => write(descriptor, bytes.subarray(0, 3), position),
    });
    await replaceFile(path, NEW, { fileSystem });
    expect(readFileSync(path, "utf8")).toBe("new content");
  });

  test("shows one whole content when many write at once", async () => {
    const { directory, path } = place();
    const contents = Array.from({ length: 20 }, (_, index) => new Uint8Array(5000).fill(index));
    await Promise.all(contents.map((content) => replaceFile(path, content)));
    const found = readFileSync(path);
    expect(found.equals(new Uint8Array(5000).fill(found[0] ?? -1))).toBe(true);
    expect(readdirSync(directory)).toEqual(["store.json"]);
  });
});

describe("the guard", () => {
  test("refuses when everything else is done, and the old file stays", async () => {
    const { directory, path } = place();
    await replaceFile(path, OLD);
    const replacing = replaceFile(path, NEW, { guard: () => false });
    await expect(replacing).rejects.toMatchObject(refusal("FILE_CONFLICT", { retryable: true, path }));
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(directory)).toEqual(["store.json"]);
  });

  test("may throw an error of its own", async () => {
    const { directory, path } = place();
    const mine = new Error("mine");
    const guard = (): never => {
      throw mine;
    };
    await expect(replaceFile(path, NEW, { guard })).rejects.toBe(mine);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("is asked right before the rename, with nothing of this process in between", async () => {
    const { path } = place();
    const { fileSystem, calls } = recordingFileSystem();
    await replaceFile(path, NEW, { fileSystem, guard: () => calls.push("guard") > 0 });
    expect(calls.slice(calls.indexOf("guard") - 1, calls.indexOf("guard") + 2)).toEqual([
      "fsync temporary",
      "guard",
      "rename",
    ]);
  });
});

describe("what killed writers left", () => {
  test("is removed after an hour, and nothing else is", async () => {
    const { directory, path } = place();
    const orphan = (name: string, ageMs: number): void => {
      writeFileSync(join(directory, name), "x");
      const then = new Date(Date.now() - ageMs);
      utimesSync(join(directory, name), then, then);
    };
    const hours = 3_600_000;
    orphan(".store.json.123.0123456789abcdef.tmp", 1.1 * hours);
    orphan(".store.json.124.0123456789abcdef.tmp", 0.9 * hours);
    orphan(".other.json.125.0123456789abcdef.tmp", 2 * hours);
    orphan(".store.json.notes.tmp", 2 * hours);
    orphan("store.json.126.0123456789abcdef.tmp", 2 * hours);
    await replaceFile(path, NEW);
    expect(readdirSync(directory).sort()).toEqual([
      ".other.json.125.0123456789abcdef.tmp",
      ".store.json.124.0123456789abcdef.tmp",
      ".store.json.notes.tmp",
      "store.json",
      "store.json.126.0123456789abcdef.tmp",
    ]);
  });
});

describe("on Windows", () => {
  const platform = Object.getOwnPropertyDescriptor(process, "platform") as PropertyDescriptor;
  afterEach(() => Object.defineProperty(process, "platform", platform));

  test("a file that somebody has open is tried again, and the guard is asked each time", async () => {
    const { path } = place();
    Object.defineProperty(process, "platform", { ...platform, value: "win32" });
    let refusals = 3;
    let asked = 0;
    const { rename } = fileSystemWith({});
    const fileSystem = fileSystemWith({
      rename(from, to) {
        if (refusals-- > 0) throw systemError("EPERM");
        rename(from, to);
      },
    });
    await replaceFile(path, NEW, { fileSystem, guard: () => ++asked > 0 });
    expect(readFileSync(path, "utf8")).toBe("new content");
    expect(asked).toBe(4);
  });

  test("and given up after ten tries", async () => {
    const { directory, path } = place();
    Object.defineProperty(process, "platform", { ...platform, value: "win32" });
    let tries = 0;
    const fileSystem = fileSystemWith({
      rename() {
        tries += 1;
        throw systemError("EBUSY");
      },
    });
    await expect(replaceFile(path, NEW, { fileSystem })).rejects.toMatchObject(
      refusal("FILE_IO", { retryable: true }),
    );
    expect(tries).toBe(11);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("options", () => {
  test("a mode that lets others write, or the owner not, is refused", async () => {
    const { path } = place();
    for (const mode of [0o666, 0o620, 0o400, 0o4600, -1, 0.5])
      await expect(replaceFile(path, NEW, { mode })).rejects.toThrow(RangeError);
    expect(existsSync(path)).toBe(false);
  });

  test("content that is not bytes is refused", async () => {
    const { path } = place();
    await expect(replaceFile(path, "text" as never)).rejects.toThrow(TypeError);
  });

  test("a relative path is resolved at the call", async () => {
    const { directory, path } = place();
    const before = process.cwd();
    process.chdir(directory);
    const replacing = replaceFile(basename(path), NEW);
    process.chdir(before);
    await replacing;
    expect(readFileSync(path, "utf8")).toBe("new content");
  });

  test("an existing file with fewer rights than the mode allows is fine", async () => {
    const { path } = place();
    await replaceFile(path, OLD, { mode: 0o644 });
    chmodSync(path, 0o600);
    await replaceFile(path, NEW, { mode: 0o644 });
    expect(lstatSync(path).mode & 0o777).toBe(0o644);
  });
});
