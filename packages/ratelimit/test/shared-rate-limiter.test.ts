import type { AuditSink } from "@symbiont/kit";
import {
  type RateStep,
  type RateStore,
  SharedRateLimiter,
  type SharedRateLimiterOptions,
  type StoredLimit,
} from "@symbiont/ratelimit";
import { describe, expect, test } from "vitest";

/** A store that does as it is told, on a clock of the test's own. */
function setUp(options: Partial<SharedRateLimiterOptions> = {}) {
  let nowMs = 1000;
  let apply = async (
    limits: readonly StoredLimit[],
    steps: readonly RateStep[],
  ): Promise<readonly number[]> =>
    steps.flatMap(({ costs }) => limits.map(({ intervalUs }, index) => intervalUs * (costs[index] ?? 0)));
  const calls: (readonly RateStep[])[] = [];
  const store: RateStore = {
    apply: async (limits, steps) => {
      calls.push(steps);
      return apply(limits, steps);
    },
  };
  const limiter = new SharedRateLimiter({ store, timeoutMs: 20, now: () => nowMs, ...options });
  return {
    limiter,
    calls,
    pass: (ms: number) => void (nowMs += ms),
    answer: (next: typeof apply) => void (apply = next),
    fail: () => {
      apply = async () => {
        throw new Error("gone");
      };
    },
  };
}

const fails = async (take: () => Promise<unknown>, times: number) => {
  for (let index = 0; index < times; index += 1) await take();
};

describe("the breaker", () => {
  test("stops asking after five failures, then asks once after 1, 2, 4 … 30 seconds", async () => {
    const { limiter, calls, pass, fail } = setUp();
    fail();
    await fails(async () => limiter.take("k"), 20);
    expect(calls).toHaveLength(5);
    for (const pause of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const before = calls.length;
      pass(pause - 1);
      await fails(async () => limiter.take("k"), 3);
      expect(calls.length).toBe(before);
      pass(1);
      await fails(async () => limiter.take("k"), 3);
      expect(calls.length).toBe(before + 1);
    }
  });

  test("lets a single probe through at a time", async () => {
    const { limiter, calls, pass, fail, answer } = setUp({ timeoutMs: 10_000 });
    fail();
    await fails(async () => limiter.take("k"), 5);
    pass(1000);
    let release: (reply: readonly number[]) => void = () => undefined;
    answer(
      async () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    const probe = limiter.take("probe");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await limiter.take("meanwhile")).source).toBe("local");
    expect(calls).toHaveLength(6);
    pass(10_000);
    release([600_000]);
    expect((await probe).source).toBe("store");
    answer(async () => [600_000]);
    expect((await limiter.take("k")).source).toBe("store");
  });

  test("successes between failures keep it closed", async () => {
    const { limiter, calls, fail, answer } = setUp();
    for (let round = 0; round < 5; round += 1) {
      fail();
      await fails(async () => limiter.take("k"), 4);
      answer(async () => [0]);
      await limiter.take("k");
    }
    expect(calls).toHaveLength(25);
  });

  test("refusals are no failures", async () => {
    const { limiter, calls, answer } = setUp();
    answer(async () => [-1 - 60_000_000]);
    for (let index = 0; index < 20; index += 1)
      expect(await limiter.take(`k${index}`)).toMatchObject({ allowed: false, source: "store" });
    expect(calls).toHaveLength(20);
  });
});

describe("a store that misbehaves is a store that does not answer", () => {
  test.each([
    ["nothing", null],
    ["too few numbers", []],
    ["too many numbers", [1, 2]],
    ["text", ["1"]],
    ["a fraction", [0.5]],
    ["not a number", [Number.NaN]],
    ["something else", { length: 1 }],
  ])("%s", async (_, reply) => {
    const { limiter, answer } = setUp({ onUnavailable: "closed" });
    answer(async () => reply as never);
    expect(await limiter.take("k")).toMatchObject({ allowed: false, code: "RATELIMIT_STORE_UNAVAILABLE" });
  });

  test("silence", async () => {
    const { limiter, answer } = setUp();
    answer(async () => new Promise(() => undefined));
    expect(await limiter.take("k")).toMatchObject({ allowed: true, source: "local" });
  });

  test("a throw that is no rejection", async () => {
    const { limiter, answer } = setUp();
    answer(() => {
      throw new Error("at once");
    });
    expect(await limiter.take("k")).toMatchObject({ source: "local" });
  });
});

describe("on its own", () => {
  test("goes on from what the store said last", async () => {
    const { limiter, answer, fail } = setUp();
    answer(async () => [58_200_000]);
    expect((await limiter.take("k")).remaining).toBe(3);
    fail();
    expect((await limiter.take("k", 3)).allowed).toBe(true);
    expect(await limiter.take("k")).toMatchObject({ allowed: false, source: "local", retryAfterMs: 600 });
  });

  test("takes its share when told how many instances there are", async () => {
    const { limiter, fail, pass } = setUp({ instances: 4 });
    fail();
    const answers = [];
    for (let index = 0; index < 30; index += 1) answers.push(await limiter.take("k"));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(25);
    pass(2400);
    expect((await limiter.take("k")).allowed).toBe(true);
    expect((await limiter.take("k")).allowed).toBe(false);
  });

  test("charges and gives back", async () => {
    const { limiter, fail } = setUp();
    fail();
    expect(await limiter.charge("k", 40)).toMatchObject({ source: "local", remaining: 60 });
    expect(await limiter.refund("k", 10)).toMatchObject({ source: "local", remaining: 70 });
    expect(await limiter.peek("k")).toMatchObject({ source: "local", remaining: 70 });
  });
});

describe("allowing unchecked", () => {
  test("needs an audit sink", () => {
    expect(() => setUp({ onUnavailable: "open" })).toThrow("audit");
  });

  test("refuses when the record cannot be written", async () => {
    const audit: AuditSink = {
      append: async () => {
        throw new Error("disk full");
      },
    };
    const { limiter, fail } = setUp({ onUnavailable: "open", audit });
    fail();
    expect(await limiter.take("k")).toMatchObject({ allowed: false, code: "RATELIMIT_STORE_UNAVAILABLE" });
  });

  test("records without the key", async () => {
    const records: unknown[] = [];
    const audit: AuditSink = { append: async (record) => ({ sequence: records.push(record) - 1 }) };
    const { limiter, fail } = setUp({ onUnavailable: "open", audit });
    fail();
    expect(await limiter.take("s3cret-key", 3)).toMatchObject({ allowed: true, source: "unavailable" });
    expect(records).toEqual([
      {
        type: "ratelimit.unchecked",
        outcome: "info",
        actor: { kind: "system", id: "ratelimit" },
        error: { name: "RateLimitError", code: "RATELIMIT_STORE_UNAVAILABLE" },
        data: { operation: "take", cost: 3, limits: ["default"] },
      },
    ]);
  });
});

describe("remembered refusals", () => {
  test("last at most ten seconds, and not for smaller costs", async () => {
    const { limiter, calls, pass, answer } = setUp();
    answer(async () => [-1 - 60_000_000]);
    await limiter.take("k", 90);
    expect(await limiter.take("k", 95)).toMatchObject({ source: "memory", allowed: false });
    expect(await limiter.take("k", 89)).toMatchObject({ source: "store" });
    await limiter.take("k", 90);
    const before = calls.length;
    pass(9999);
    expect((await limiter.take("k", 90)).source).toBe("memory");
    pass(1);
    expect((await limiter.take("k", 90)).source).toBe("store");
    expect(calls).toHaveLength(before + 1);
  });

  test("tell what smaller requests have used since", async () => {
    const { limiter, answer } = setUp();
    answer(async () => [-1 - 54_000_000]);
    expect(await limiter.take("k", 20)).toMatchObject({ remaining: 10, retryAfterMs: 6000 });
    answer(async () => [57_000_000]);
    expect(await limiter.take("k", 5)).toMatchObject({ allowed: true, remaining: 5 });
    expect(await limiter.take("k", 20)).toMatchObject({ source: "memory", remaining: 5, retryAfterMs: 9000 });
  });

  test("end when the wait is over", async () => {
    const { limiter, pass, answer } = setUp();
    answer(async () => [-1 - 60_000_000]);
    expect((await limiter.take("k")).retryAfterMs).toBe(600);
    pass(599);
    expect(await limiter.take("k")).toMatchObject({ source: "memory", retryAfterMs: 1 });
    pass(1);
    answer(async () => [60_000_000]);
    expect(await limiter.take("k")).toMatchObject({ source: "store", allowed: true });
  });

  test("are dropped by a refund and a reset", async () => {
    const { limiter, answer } = setUp();
    for (const forget of [async () => limiter.refund("k", 5), async () => limiter.reset("k")]) {
      answer(async () => [-1 - 60_000_000]);
      await limiter.take("k");
      answer(async () => [0]);
      await forget();
      expect((await limiter.take("k")).source).toBe("store");
    }
  });

  test("a cost above the capacity is refused without asking", async () => {
    const { limiter, calls } = setUp();
    expect(await limiter.take("k", 101)).toMatchObject({
      code: "RATELIMIT_COST_EXCEEDS_CAPACITY",
      retryAfterMs: Number.POSITIVE_INFINITY,
      source: "memory",
    });
    expect(calls).toHaveLength(0);
  });
});

describe("how decisions travel", () => {
  const turn = async () => new Promise((resolve) => setImmediate(resolve));

  test("the first of a quiet moment leaves without waiting for the turn to end, with all asked beside it", async () => {
    const { limiter, calls } = setUp();
    const answers = [limiter.take("a"), limiter.take("b")];
    for (let microtask = 0; microtask < 3; microtask += 1) await Promise.resolve();
    expect(calls.map((steps) => steps.map(({ key }) => key))).toEqual([["a", "b"]]);
    await Promise.all(answers);
  });

  test("what is asked during a call is gathered until the turn ends, from whatever callback", async () => {
    const { limiter, calls, answer } = setUp({ timeoutMs: 5000 });
    const replies: ((reply: readonly number[]) => void)[] = [];
    answer(async () => new Promise((resolve) => replies.push(resolve)));
    const answers = [limiter.take("first")];
    await turn();
    for (const key of ["a", "b", "c"]) {
      answers.push(limiter.take(key));
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(calls).toHaveLength(1);
    await turn();
    expect(calls.map((steps) => steps.map(({ key }) => key))).toEqual([["first"], ["a", "b", "c"]]);
    replies[0]?.([600_000]);
    replies[1]?.([600_000, 600_000, 600_000]);
    expect((await Promise.all(answers)).every(({ source }) => source === "store")).toBe(true);
  });

  test("a call that timed out is never sent again, and its late answer changes nothing", async () => {
    const { limiter, calls, answer } = setUp();
    let release: (reply: readonly number[]) => void = () => undefined;
    answer(
      async () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    expect(await limiter.take("k")).toMatchObject({ allowed: true, source: "local", remaining: 99 });
    release([-1 - 60_000_000]);
    await turn();
    expect(calls).toHaveLength(1);
    answer(async () => [1_200_000]);
    expect(await limiter.take("k")).toMatchObject({ allowed: true, source: "store", remaining: 98 });
  });
});

test("a call holds at most 128 steps", async () => {
  const { limiter, calls } = setUp();
  await Promise.all(Array.from({ length: 300 }, async (_, index) => limiter.take(`k${index}`)));
  expect(calls.map((steps) => steps.length)).toEqual([128, 128, 44]);
});

test.each([
  [{ store: undefined as never }, "store"],
  [{ onUnavailable: "maybe" as never }, "onUnavailable"],
  [{ instances: 0 }, "instances"],
  [{ timeoutMs: 0 }, "timeoutMs"],
  [{ timeoutMs: Number.NaN }, "timeoutMs"],
  [{ maxKeys: 0 }, "maxKeys"],
  [{ now: 5 as never }, "now"],
])("refuses the options %o", (options, message) => {
  expect(() => setUp(options)).toThrow(message);
});

test.each([
  ["key", ["", 1]],
  ["cost", ["k", -1]],
] as const)("rejects a wrong %s", async (name, [key, cost]) => {
  const { limiter } = setUp();
  for (const method of ["take", "peek", "charge", "refund", "reserve"] as const)
    await expect(limiter[method](key, cost)).rejects.toThrow(name);
});
