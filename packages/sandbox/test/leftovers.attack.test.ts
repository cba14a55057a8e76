import { spawn } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_LIMITS, namespaceTier } from "@symbiont/sandbox";
import { describe, expect, test } from "vitest";
import { createHostFolder } from "../src/files/host-folders.ts";
import { removeWorkspaceFolders } from "../src/files/workspace-folder.ts";
import { requireTools } from "../src/process/local-tools.ts";
import { MemoryGroup } from "../src/process/memory-group.ts";
import { findMemoryLayout } from "../src/process/memory-layout.ts";
import { startProgram } from "../src/process/start-program.ts";
import { UserPool } from "../src/process/user-pool.ts";
import { NamespaceGuest } from "../src/tiers/namespace/namespace-guest.ts";
import { processesOf } from "./processes-of.ts";

const USERS = { first: 230_000, count: 10 };
const isRoot = process.getuid?.() === 0;
const { available } = await namespaceTier().probe();

test.skipIf(!isRoot || !available)(
  "a guest is ended whose bubblewrap was killed before it would have taken it along (skipped unless root has bubblewrap)",
  async () => {
    const { setpriv, bwrap } = requireTools(["setpriv", "bwrap"]);
    const { uid } = await new UserPool(USERS, false).take();
    const user = ["--reuid", String(uid), "--regid", String(uid), "--clear-groups", "--"];
    // Nothing says that it dies with bubblewrap: what is so for a moment of each guest is so here for good.
    const world = ["--unshare-all", "--new-session", "--ro-bind", "/", "/", "--proc", "/proc"];
    const program = await startProgram({
      file: setpriv,
      args: [...user, bwrap, ...world, "--json-status-fd", "3", "--", "/bin/sleep", "600"],
      env: {},
      cwd: "/",
      extra: ["report"],
    });
    const guest = new NamespaceGuest(program, DEFAULT_LIMITS, uid, undefined, async () => undefined);
    while (processesOf(USERS).length < 3) await sleep(10);
    guest.kill();
    await guest.exited.catch(() => undefined);
    expect(processesOf(USERS).length).toBeGreaterThan(0);
    expect((await guest.settle()).survivors).toBe(0);
    await sleep(50);
    expect(processesOf(USERS)).toEqual([]);
  },
  20_000,
);

test("a folder goes when its host is gone, or its number is another's, and stays when its host cannot be seen", async () => {
  const { outer } = createHostFolder(process.getuid?.() ?? 0);
  const name = outer.slice(outer.lastIndexOf("/") + 1);
  const [, pid, start, place, end] = name.split("-");
  const folderOf = (...parts: readonly unknown[]): string => {
    const path = join(tmpdir(), ["sandbox", ...parts, end].join("-"));
    mkdirSync(path);
    return path;
  };
  const gone = folderOf(4_194_305, start, place);
  const reused = folderOf(pid, Number(start) - 1, place);
  const unseen = folderOf(4_194_305, start, "0".repeat(16));
  await removeWorkspaceFolders();
  expect([outer, gone, reused, unseen].map((path) => existsSync(path))).toEqual([true, false, false, true]);
  for (const path of [outer, unseen]) rmSync(path, { recursive: true });
});

describe.skipIf(findMemoryLayout() === undefined)(
  "a memory group (skipped unless this host gives them)",
  () => {
    test("of a host that is gone is emptied and removed, and one of a host that cannot be seen is not", async () => {
      const own = MemoryGroup.create(64 * 1024 * 1024) as MemoryGroup;
      const folder = dirname(own.membersFile);
      const name = folder.slice(dirname(folder).length + 1);
      const gone = join(dirname(folder), name.replace(`-${process.pid}.`, "-1."));
      const unseen = join(dirname(folder), name.replace("pid:[", "pid:[9"));
      expect(new Set([folder, gone, unseen]).size).toBe(3);
      const left = [gone, unseen].map((other) => {
        mkdirSync(other);
        const child = spawn("sleep", ["600"]);
        writeFileSync(join(other, "cgroup.procs"), String(child.pid));
        return child;
      });
      const [ofGone, ofUnseen] = left as [(typeof left)[0], (typeof left)[0]];
      try {
        const ended = new Promise((resolve) => ofGone.once("exit", (_, signal) => resolve(signal)));
        const others = [MemoryGroup.create(1024 * 1024)];
        expect(await ended).toBe("SIGKILL");
        others.push(MemoryGroup.create(1024 * 1024));
        expect(existsSync(gone)).toBe(false);
        expect(ofUnseen.exitCode).toBeNull();
        for (const other of others) await other?.remove();
      } finally {
        for (const child of left) child.kill("SIGKILL");
        await new Promise((resolve) => ofUnseen.once("exit", resolve));
        rmdirSync(unseen);
        await own.remove();
      }
      expect(existsSync(folder)).toBe(false);
    });

    test("that is busy when it should go, goes when another is made", async () => {
      const busy = MemoryGroup.create(64 * 1024 * 1024) as MemoryGroup;
      const folder = dirname(busy.membersFile);
      const child = spawn("sleep", ["600"]);
      writeFileSync(join(folder, "cgroup.procs"), String(child.pid));
      await busy.remove();
      expect(existsSync(folder)).toBe(true);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      const next = MemoryGroup.create(64 * 1024 * 1024) as MemoryGroup;
      expect(existsSync(folder)).toBe(false);
      await next.remove();
    });
  },
);
