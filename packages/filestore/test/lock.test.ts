import fs, {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { acquireLock, withLock } from "@symbiont/filestore";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bundleChild, type ChildScript, startChild } from "./children/start.ts";
import { countTogether, leaveStaleLock, numberIn, overtakeTogether } from "./lock-rounds.ts";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const scripts: Record<string, ChildScript> = {};
const script = (name: string): ChildScript => scripts[name] as ChildScript;

beforeAll(async () => {
  for (const name of ["increment", "hold", "enter"]) scripts[name] = await bundleChild(name);
});
afterAll(() => {
  for (const script of Object.values(scripts)) script.remove();
});

describe("within one process", () => {
  test("a lock is a directory beside the file, and gone when released", async () => {
    const directory = temporaryDirectory();
    const lock = await acquireLock(join(directory, "file"));
    expect(readdirSync(directory)).toContain("file.lock");
    lock.assertHeld();
    expect(lock.compromised).toBe(false);
    await Promise.all([lock.release(), lock.release()]);
    expect(readdirSync(directory)).toEqual([]);
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining(refusal("FILE_LOCK_LOST")));
  });

  test("holders come one after the other, in order of arrival", async () => {
    const path = join(temporaryDirectory(), "file");
    const order: string[] = [];
    await Promise.all(
      ["a", "b", "c"].map((name) =>
        withLock(path, async () => {
          order.push(`${name} in`);
          await sleep(2);
          order.push(`${name} out`);
        }),
      ),
    );
    expect(order).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  test("different files do not wait for each other", async () => {
    const directory = temporaryDirectory();
    await withLock(join(directory, "a"), () => withLock(join(directory, "b"), () => undefined));
  });

  test("two ways to the same directory lead to the same lock", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "real"));
    symlinkSync(join(directory, "real"), join(directory, "link"));
    await withLock(join(directory, "real", "file"), async () => {
      const second = acquireLock(join(directory, "link", "file"), { timeoutMs: 20 });
      await expect(second).rejects.toMatchObject(refusal("FILE_LOCK_TIMEOUT"));
    });
  });

  test("what the holder returns or throws comes through, and the lock is given back", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "file");
    expect(await withLock(path, () => 7)).toBe(7);
    const mine = new Error("mine");
    await expect(withLock(path, () => Promise.reject(mine))).rejects.toBe(mine);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("a lock is given back at the end of its block", async () => {
    const path = join(temporaryDirectory(), "file");
    {
      await using lock = await acquireLock(path);
      lock.assertHeld();
    }
    expect(existsSync(`${path}.lock`)).toBe(false);
  });
});

describe("waiting", () => {
  test("ends with a timeout, in this process and against another lock", async () => {
    const path = join(temporaryDirectory(), "file");
    const timeout = refusal("FILE_LOCK_TIMEOUT", { retryable: true, path });
    const lock = await acquireLock(path);
    await expect(acquireLock(path, { timeoutMs: 30 })).rejects.toMatchObject(timeout);
    await lock.release();
    mkdirSync(`${path}.lock`);
    await expect(acquireLock(path, { timeoutMs: 30 })).rejects.toMatchObject(timeout);
    await expect(acquireLock(path, { timeoutMs: 0 })).rejects.toMatchObject(timeout);
    rmdirSync(`${path}.lock`);
    await (await acquireLock(path, { timeoutMs: 0 })).release();
  });

  test("ends when the signal says so, with its reason", async () => {
    const path = join(temporaryDirectory(), "file");
    const reason = new Error("stop");
    await expect(acquireLock(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const lock = await acquireLock(path);
    const controller = new AbortController();
    const waiting = acquireLock(path, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    await expect(waiting).rejects.toBe(reason);
    await lock.release();
    mkdirSync(`${path}.lock`);
    const second = new AbortController();
    const outside = acquireLock(path, { signal: second.signal });
    setTimeout(() => second.abort(reason), 40);
    await expect(outside).rejects.toBe(reason);
  });

  test("that was given up does not stop those behind, nor let them pass", async () => {
    const path = join(temporaryDirectory(), "file");
    const first = await acquireLock(path);
    const second = acquireLock(path, { timeoutMs: 10 });
    const third = acquireLock(path);
    await expect(second).rejects.toMatchObject(refusal("FILE_LOCK_TIMEOUT"));
    expect(await Promise.race([third, sleep(20).then(() => "waiting")])).toBe("waiting");
    await first.release();
    await (await third).release();
  });

  test.each([{ timeoutMs: -1 }, { timeoutMs: Number.NaN }, { staleMs: 3_999 }, { staleMs: Number.NaN }])(
    "refuses the options %j",
    async (options) => {
      await expect(acquireLock("/nowhere", options)).rejects.toThrow(RangeError);
    },
  );

  test("for a file in a missing directory ends at once", async () => {
    const path = join(temporaryDirectory(), "missing", "file");
    await expect(acquireLock(path)).rejects.toMatchObject(refusal("FILE_NOT_FOUND", { path }));
  });
});

describe("losing a lock", () => {
  test("is seen by whoever looks, and fails the whole", async () => {
    const path = join(temporaryDirectory(), "file");
    const lost = refusal("FILE_LOCK_LOST", { retryable: true, path });
    const working = withLock(path, () => rmdirSync(`${path}.lock`));
    await expect(working).rejects.toMatchObject(lost);
  });

  test("to another holder leaves that holder's lock alone", async () => {
    const path = join(temporaryDirectory(), "file");
    const lock = await acquireLock(path);
    rmdirSync(`${path}.lock`);
    mkdirSync(`${path}.lock`);
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining(refusal("FILE_LOCK_LOST")));
    expect(lock.compromised).toBe(true);
    await lock.release();
    expect(existsSync(`${path}.lock`)).toBe(true);
  });

  test("is noticed by the heartbeat, which throws nothing", async () => {
    const path = join(temporaryDirectory(), "file");
    const lock = await acquireLock(path, { staleMs: 4_000 });
    const then = new Date(1_700_000_000_000);
    utimesSync(`${path}.lock`, then, then);
    while (!lock.compromised) await sleep(50);
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining(refusal("FILE_LOCK_LOST")));
    await lock.release();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });
});

describe("an abandoned lock", () => {
  test("is taken over when its heartbeat is old, and leaves nothing behind", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "file");
    leaveStaleLock(path);
    await withLock(path, () => undefined, { timeoutMs: 5_000 });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("is not taken over while its heartbeat is young", async () => {
    const path = join(temporaryDirectory(), "file");
    mkdirSync(`${path}.lock`);
    const then = new Date(Date.now() - 25_000);
    utimesSync(`${path}.lock`, then, then);
    await expect(acquireLock(path, { timeoutMs: 200 })).rejects.toMatchObject(refusal("FILE_LOCK_TIMEOUT"));
  });

  test("whose takeover somebody else has claimed is left to them, until that claim is old itself", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "file");
    leaveStaleLock(path);
    const claim = `${path}.lock.takeover-1-1`;
    const { ino, mtimeNs } = lstatSync(`${path}.lock`, { bigint: true });
    const current = `${path}.lock.takeover-${ino}-${mtimeNs}`;
    mkdirSync(claim);
    mkdirSync(current);
    await expect(acquireLock(path, { timeoutMs: 200 })).rejects.toMatchObject(refusal("FILE_LOCK_TIMEOUT"));
    const then = new Date(Date.now() - 301_000);
    utimesSync(current, then, then);
    await withLock(path, () => undefined, { timeoutMs: 5_000 });
    expect(readdirSync(directory)).toEqual(["file.lock.takeover-1-1"]);
  });

  test("that gets a new holder while its takeover begins is left to the new holder", async () => {
    const path = join(temporaryDirectory(), "file");
    leaveStaleLock(path);
    const { mkdirSync: original } = fs;
    onTestFinished(() => {
      fs.mkdirSync = original;
      syncBuiltinESMExports();
    });
    fs.mkdirSync = ((made: string, ...rest: []) => {
      if (made.includes(".takeover-")) {
        rmdirSync(`${path}.lock`);
        original(`${path}.lock`);
      }
      return original(made, ...rest);
    }) as typeof fs.mkdirSync;
    syncBuiltinESMExports();
    await expect(acquireLock(path, { timeoutMs: 200 })).rejects.toMatchObject(refusal("FILE_LOCK_TIMEOUT"));
    expect(existsSync(`${path}.lock`)).toBe(true);
  });

  test.runIf(process.platform === "linux")(
    "of a killed process is taken over at once, without waiting for the heartbeat to age",
    async () => {
      const directory = temporaryDirectory();
      const path = join(directory, "file");
      const child = startChild(script("hold"), path);
      await child.printed("held");
      child.process.kill("SIGKILL");
      await child.ended;
      expect(existsSync(`${path}.lock`)).toBe(true);
      await withLock(path, () => undefined, { timeoutMs: 10_000, staleMs: Number.POSITIVE_INFINITY });
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  test.runIf(process.platform === "linux").each([
    ["another boot or namespace", (record: Record<string, unknown>) => ({ ...record, host: "elsewhere" })],
    ["another instance of the lock", (record: Record<string, unknown>) => ({ ...record, ino: "1" })],
    ["an earlier birth", (record: Record<string, unknown>) => ({ ...record, born: "1" })],
    ["a process group", (record: Record<string, unknown>) => ({ ...record, pid: -1 })],
    [
      "a process that lives",
      (record: Record<string, unknown>) => ({ ...record, pid: 1, started: undefined }),
    ],
    ["nobody", () => null],
    ["something else", () => "text"],
  ])("is not taken over on a note about %s", async (_what, change) => {
    const path = join(temporaryDirectory(), "file");
    const child = startChild(script("hold"), path);
    await child.printed("held");
    child.process.kill("SIGKILL");
    await child.ended;
    const note = JSON.parse(readFileSync(`${path}.lock.owner`, "utf8")) as Record<string, unknown>;
    writeFileSync(`${path}.lock.owner`, JSON.stringify(change(note)));
    const options = { timeoutMs: 60, staleMs: Number.POSITIVE_INFINITY };
    await expect(acquireLock(path, options)).rejects.toMatchObject(refusal("FILE_LOCK_TIMEOUT"));
    writeFileSync(`${path}.lock.owner`, JSON.stringify(note).slice(0, -5));
    await expect(acquireLock(path, options)).rejects.toMatchObject(refusal("FILE_LOCK_TIMEOUT"));
    writeFileSync(`${path}.lock.owner`, JSON.stringify(note));
    await withLock(path, () => undefined, { ...options, timeoutMs: 10_000 });
  });

  test.runIf(process.platform === "linux")(
    "of a process whose id was given to another is taken over",
    async () => {
      const path = join(temporaryDirectory(), "file");
      const child = startChild(script("hold"), path);
      await child.printed("held");
      child.process.kill("SIGKILL");
      await child.ended;
      const note = JSON.parse(readFileSync(`${path}.lock.owner`, "utf8")) as Record<string, unknown>;
      writeFileSync(`${path}.lock.owner`, JSON.stringify({ ...note, pid: process.pid }));
      await withLock(path, () => undefined, { timeoutMs: 10_000, staleMs: Number.POSITIVE_INFINITY });
    },
  );

  test("with a file inside is an error, not a wait: nobody can ever remove it", async () => {
    const path = join(temporaryDirectory(), "file");
    mkdirSync(`${path}.lock`);
    writeFileSync(join(`${path}.lock`, "x"), "");
    const then = new Date(Date.now() - 120_000);
    utimesSync(`${path}.lock`, then, then);
    await expect(acquireLock(path)).rejects.toMatchObject(refusal("FILE_IO", { path }));
  });
});

describe("among processes", () => {
  test("a process that exits gives its locks back", async () => {
    const directory = temporaryDirectory();
    const holder = startChild(script("hold"), join(directory, "file"));
    await holder.printed("held");
    holder.process.stdin.end("exit\n");
    expect(await holder.ended).toEqual({ code: 0, signal: null, stderr: "" });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("no increment is lost", async () => {
    const path = join(temporaryDirectory(), "counter");
    await countTogether(script("increment"), path, { processes: 4, increments: 10, staleMs: 30_000 });
  });

  test("no increment is lost after a lock was abandoned", async () => {
    const path = join(temporaryDirectory(), "counter");
    leaveStaleLock(path);
    await countTogether(script("increment"), path, { processes: 4, increments: 5, staleMs: 30_000 });
  });

  test("only one at a time is inside, while they race for abandoned locks", async () => {
    await overtakeTogether(script("enter"), temporaryDirectory(), { processes: 4, rounds: 10 });
  });

  test("a stopped holder is overtaken, finds out, and does no harm when it wakes", async () => {
    const path = join(temporaryDirectory(), "counter");
    const holder = startChild(script("hold"), path, 4_000);
    await holder.printed("held");
    holder.process.kill("SIGSTOP");
    await countTogether(script("increment"), path, { processes: 3, increments: 3, staleMs: 4_000 });
    const second = startChild(script("hold"), path, 4_000);
    await second.printed("held");
    holder.process.stdin.write("\n");
    holder.process.kill("SIGCONT");
    await holder.ended;
    expect(holder.lines).toEqual(["held", "FILE_LOCK_LOST", "released"]);
    second.process.stdin.end("\n");
    await second.ended;
    expect(second.lines).toEqual(["held", "still held", "released"]);
    expect(numberIn(path)).toBe(9);
  });
});
