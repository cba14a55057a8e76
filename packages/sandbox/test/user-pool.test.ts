import { spawnSync } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import { requireTools } from "../src/process/local-tools.ts";
import { leaseUid } from "../src/process/uid-lease.ts";
import { confined, UserPool } from "../src/process/user-pool.ts";

const isRoot = process.getuid?.() === 0;
const why = isRoot ? "" : " (skipped: only root gives guests users of their own)";

afterEach(() => vi.useRealTimers());

test.skipIf(!isRoot)(
  `a user that was given back is there for another tier of this process${why}`,
  async () => {
    const range = { first: 231_000, count: 2 };
    const [first, second] = [new UserPool(range, false), new UserPool(range, true)];
    const taken = [await first.take(), await first.take()];
    await expect(second.take()).rejects.toMatchObject({ code: "SANDBOX_CAPACITY", retryable: true });
    for (const user of taken) first.giveBack(user);
    const others = [await second.take(), await second.take()];
    expect(new Set(others.map(({ uid }) => uid))).toEqual(new Set([231_000, 231_001]));
    await expect(first.take()).rejects.toMatchObject({ code: "SANDBOX_CAPACITY" });
    for (const user of others) second.giveBack(user);
  },
);

test.skipIf(!isRoot)(`one that is not used again is there for another process${why}`, async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const range = { first: 231_010, count: 1 };
  const pool = new UserPool(range, false);
  pool.giveBack(await pool.take());
  await expect(leaseUid(range)).rejects.toMatchObject({ code: "SANDBOX_CAPACITY" });
  vi.advanceTimersByTime(60_000);
  const lease = await leaseUid(range);
  lease.release();
});

test.skipIf(!isRoot)(`one that is used again is not leased again${why}`, async () => {
  const pool = new UserPool({ first: 231_020, count: 5 }, false);
  const uids = new Set<number>();
  for (let round = 0; round < 20; round += 1) {
    const user = await pool.take();
    uids.add(user.uid);
    pool.giveBack(user);
  }
  expect(uids.size).toBe(1);
});

test("what was started by a host that died before it could be told to die with it does not begin", () => {
  const { setpriv } = requireTools(["setpriv"]);
  const run = (host: number): string =>
    spawnSync(setpriv, [...confined(host), "--", "/bin/echo", "begun", "a b"], {
      env: { PPID: String(host) },
      encoding: "utf8",
    }).stdout;
  expect(run(process.pid)).toBe("begun a b\n");
  // As the kernel has it then: the parent is another process.
  expect(run(process.ppid)).toBe("");
});
