import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { StoredLimit } from "../limit.ts";
import type { RateStep, RateStore } from "../rate-store.ts";

/** One promise a store must keep. `run` rejects when it does not. */
export interface RateStoreCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * Everything a {@link RateStore} promises, for any test runner:
 * `for (const { name, run } of rateStoreContract(open)) test(name, run)`.
 *
 * @param open gives a new, empty store each time.
 * @param reopen gives a second store over the same data, as another process would have it; without it, what needs
 *   two is left out.
 */
export function rateStoreContract(
  open: () => Promise<RateStore>,
  reopen?: (store: RateStore) => Promise<RateStore>,
): readonly RateStoreCase[] {
  const cases: RateStoreCase[] = SINGLE.map(({ name, run }) => ({
    name,
    run: async () => run(await open()),
  }));
  if (reopen === undefined) return cases;
  return cases.concat(
    DOUBLE.map(({ name, run }) => ({
      name,
      run: async () => {
        const store = await open();
        await run(store, await reopen(store));
      },
    })),
  );
}

const HOUR_US = 3_600_000_000;
// The store's clock goes on while it is tested; a unit is worth far more than that.
const PASSED_US = 600_000_000;

const TEN: StoredLimit = limit("ten", 10);
const FOUR: StoredLimit = limit("four", 4, 2);

function limit(name: string, capacity: number, maxDebt = 0): StoredLimit {
  return {
    name,
    capacity,
    intervalUs: HOUR_US,
    toleranceUs: HOUR_US * capacity,
    debtUs: HOUR_US * maxDebt,
  };
}

function step(key: string, operation: RateStep["operation"], ...costs: readonly number[]): RateStep {
  return { key, operation, costs };
}

/** Units in use per number of a reply, negative where the step was refused: -1 for none, -2 for one and so on. */
function units(reply: readonly number[]): readonly number[] {
  return reply.map((number) => {
    ok(Number.isSafeInteger(number), "replies must be whole microseconds");
    const reset = number < 0 ? -1 - number : number;
    const used = Math.ceil(reset / HOUR_US);
    ok(used * HOUR_US - reset < PASSED_US, "time must not pass faster than the clock");
    return number < 0 ? -1 - used : used;
  });
}

const SINGLE: readonly { readonly name: string; readonly run: (store: RateStore) => Promise<void> }[] = [
  {
    name: "a take is counted until it no longer fits, and a refusal changes nothing",
    run: async (store) => {
      const take = async (cost: number): Promise<readonly number[]> =>
        units(await store.apply([TEN], [step("k", "take", cost)]));
      deepStrictEqual(await take(4), [4]);
      deepStrictEqual(await take(6), [10]);
      deepStrictEqual(await take(1), [-11]);
      deepStrictEqual(await take(1), [-11]);
      deepStrictEqual(await take(0), [10]);
      deepStrictEqual(await take(11), [-11]);
    },
  },
  {
    name: "a take that one limit refuses is counted against none",
    run: async (store) => {
      const take = step("k", "take", 3, 3);
      deepStrictEqual(units(await store.apply([TEN, FOUR], [take])), [3, 3]);
      deepStrictEqual(units(await store.apply([TEN, FOUR], [take])), [-4, -4]);
      deepStrictEqual(units(await store.apply([TEN, FOUR], [step("k", "take", 1, 1)])), [4, 4]);
    },
  },
  {
    name: "the steps of a call follow one another",
    run: async (store) => {
      const steps = ["take", "take", "refund", "take", "reset", "take"] as const;
      const calls =
        store.singleKey === true
          ? [steps.map((operation) => step("k", operation, 6))]
          : [steps.flatMap((operation) => [step("k", operation, 6), step("other", "take", 1)])];
      for (const call of calls) {
        const replies = units(await store.apply([TEN], call));
        deepStrictEqual(
          replies.filter((_, index) => call[index]?.key === "k"),
          [6, -7, 0, 6, 0, 6],
        );
      }
    },
  },
  {
    name: "keys are counted apart, whatever they hold",
    run: async (store) => {
      const keys = [
        "a",
        "A",
        "a ",
        "{a}",
        "}{",
        "a:ten",
        "__proto__",
        "\u0000",
        "\u{1f600}",
        "x".repeat(5000),
      ];
      for (const key of keys) deepStrictEqual(units(await store.apply([TEN], [step(key, "take", 2)])), [2]);
      for (const key of keys) deepStrictEqual(units(await store.apply([TEN], [step(key, "take", 0)])), [2]);
    },
  },
  {
    name: "limits of different names are counted apart",
    run: async (store) => {
      await store.apply([TEN], [step("k", "take", 2)]);
      deepStrictEqual(units(await store.apply([FOUR], [step("k", "take", 0)])), [0]);
    },
  },
  {
    name: "a charge is never refused and stops at the debt",
    run: async (store) => {
      deepStrictEqual(units(await store.apply([FOUR], [step("k", "charge", 5)])), [5]);
      deepStrictEqual(units(await store.apply([FOUR], [step("k", "charge", 1000)])), [6]);
      deepStrictEqual(units(await store.apply([FOUR], [step("k", "take", 1)])), [-7]);
    },
  },
  {
    name: "a refund never gives more than the whole capacity",
    run: async (store) => {
      await store.apply([TEN], [step("k", "take", 3)]);
      deepStrictEqual(units(await store.apply([TEN], [step("k", "refund", 1)])), [2]);
      deepStrictEqual(units(await store.apply([TEN], [step("k", "refund", 1000)])), [0]);
      deepStrictEqual(units(await store.apply([TEN], [step("k", "take", 10)])), [10]);
    },
  },
  {
    name: "each limit has a cost of its own",
    run: async (store) => {
      deepStrictEqual(units(await store.apply([TEN, FOUR], [step("k", "take", 5, 1)])), [5, 1]);
      deepStrictEqual(units(await store.apply([TEN, FOUR], [step("k", "refund", 2, 0)])), [3, 1]);
    },
  },
  {
    name: "a lowered limit counts from now on",
    run: async (store) => {
      await store.apply([TEN], [step("k", "take", 10)]);
      const lowered = { ...limit("ten", 3) };
      deepStrictEqual(units(await store.apply([lowered], [step("k", "take", 1)])), [-4]);
    },
  },
  {
    name: "long times are exact",
    run: async (store) => {
      const long: StoredLimit = {
        ...TEN,
        name: "long",
        intervalUs: 2 ** 50,
        toleranceUs: 2 ** 52,
        capacity: 4,
      };
      const [reset] = await store.apply([long], [step("k", "take", 1)]);
      strictEqual(reset, 2 ** 50);
    },
  },
  {
    name: "calls at the same time do not get more than there is",
    run: async (store) => race([store]),
  },
];

const DOUBLE: readonly {
  readonly name: string;
  readonly run: (one: RateStore, other: RateStore) => Promise<void>;
}[] = [
  {
    name: "what one process counts, the next call of another sees",
    run: async (one, other) => {
      await one.apply([TEN], [step("k", "take", 7)]);
      deepStrictEqual(units(await other.apply([TEN], [step("k", "take", 4)])), [-8]);
      await other.apply([TEN], [step("k", "reset", 0)]);
      deepStrictEqual(units(await one.apply([TEN], [step("k", "take", 4)])), [4]);
    },
  },
  {
    name: "two processes at the same time do not get more than there is",
    run: async (...both) => race(both),
  },
];

async function race(stores: readonly RateStore[]): Promise<void> {
  const replies = await Promise.all(
    Array.from({ length: 40 }, async (_, index) =>
      (stores[index % stores.length] as RateStore).apply([TEN], [step("raced", "take", 1)]),
    ),
  );
  strictEqual(replies.filter(([reply]) => (reply as number) >= 0).length, 10);
}
