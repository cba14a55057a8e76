import { DEFAULT_LIMITS } from "@symbiont/sandbox";
import { expect, test, vi } from "vitest";
import { WarmPool } from "../src/warm/warm-pool.ts";

class One {
  isUsable = true;
  isDiscarded = false;
  async discard(): Promise<void> {
    this.isDiscarded = true;
  }
}

/** A pool whose sandboxes are ready when the test says so. */
function pool(size: number): { pool: WarmPool<One>; made: One[]; waiting: (() => void)[]; fail: () => void } {
  const made: One[] = [];
  const waiting: (() => void)[] = [];
  let isFailing = false;
  const make = async (): Promise<One> => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (isFailing) throw new Error("no room");
    const one = new One();
    made.push(one);
    return one;
  };
  const fail = (): void => {
    isFailing = true;
  };
  return { pool: new WarmPool(size, make), made, waiting, fail };
}

test("few are made at once, and no more than are wanted", async () => {
  const { pool: warm, made, waiting } = pool(5);
  warm.take(DEFAULT_LIMITS);
  for (let round = 0; round < 3; round += 1) warm.refill(DEFAULT_LIMITS);
  expect(waiting).toHaveLength(2);
  for (let done = 0; done < 5; done += 1) {
    expect(waiting.length - done).toBeLessThanOrEqual(2);
    waiting[done]?.();
    await vi.waitFor(() => expect(made).toHaveLength(done + 1));
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(waiting).toHaveLength(5);
  await warm.close();
});

test("each is given once, and none that is gone or of other limits", async () => {
  const { pool: warm, made, waiting } = pool(2);
  warm.take(DEFAULT_LIMITS);
  warm.refill(DEFAULT_LIMITS);
  for (const go of waiting) go();
  await vi.waitFor(() => expect(made).toHaveLength(2));
  (made[0] as One).isUsable = false;
  expect(warm.take(DEFAULT_LIMITS)).toBe(made[1]);
  expect(made[0]?.isDiscarded).toBe(true);
  expect(warm.take(DEFAULT_LIMITS)).toBeUndefined();

  warm.refill(DEFAULT_LIMITS);
  const more = { ...DEFAULT_LIMITS, memoryBytes: DEFAULT_LIMITS.memoryBytes * 2 };
  expect(warm.take(more)).toBeUndefined();
  for (const go of waiting.slice(2)) go();
  await vi.waitFor(() => expect(made).toHaveLength(4));
  await vi.waitFor(() => expect(made.slice(2).map(({ isDiscarded }) => isDiscarded)).toEqual([true, true]));
  // What the supervisor sees to is not a matter of the sandbox.
  expect(warm.take({ ...more, wallMs: 1 })).toBeUndefined();
  await warm.close();
});

test("what is being made when it closes is discarded before that is done", async () => {
  const { pool: warm, made, waiting } = pool(1);
  warm.take(DEFAULT_LIMITS);
  warm.refill(DEFAULT_LIMITS);
  const closed = warm.close();
  waiting[0]?.();
  await closed;
  expect(made.map(({ isDiscarded }) => isDiscarded)).toEqual([true]);
  warm.refill(DEFAULT_LIMITS);
  expect([waiting.length, warm.take(DEFAULT_LIMITS)]).toEqual([1, undefined]);
});

test("one that cannot be made is not tried again until the next run", async () => {
  const { pool: warm, waiting, fail } = pool(3);
  fail();
  warm.take(DEFAULT_LIMITS);
  warm.refill(DEFAULT_LIMITS);
  for (const go of waiting) go();
  await new Promise((resolve) => setImmediate(resolve));
  expect(waiting).toHaveLength(2);
  warm.refill(DEFAULT_LIMITS);
  expect(waiting).toHaveLength(4);
});

test.each([-1, 0.5, 65, Number.NaN])("a size of %s is refused", (size) => {
  expect(() => pool(size)).toThrow(expect.objectContaining({ code: "SANDBOX_INVALID_ARGUMENT" }) as Error);
});
