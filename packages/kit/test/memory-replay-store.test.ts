import { MemoryReplayStore } from "@symbiont/kit";
import { expect, test } from "vitest";

test("of two who bring one key, the first is new, until its time is over", () => {
  let now = 0;
  const store = new MemoryReplayStore({ now: () => now });
  expect([store.putIfAbsent("a", 10), store.putIfAbsent("a", 10), store.putIfAbsent("b", 10)]).toEqual([
    true,
    false,
    true,
  ]);
  now = 10;
  expect(store.putIfAbsent("a", 10)).toBe(false);
  now = 11;
  expect(store.putIfAbsent("a", 10)).toBe(true);
});

test("a full store throws, until something in it has ended", () => {
  let now = 0;
  const store = new MemoryReplayStore({ capacity: 2, now: () => now });
  store.putIfAbsent("a", 10);
  store.putIfAbsent("b", 5_000);
  expect(() => store.putIfAbsent("c", 10)).toThrow(RangeError);
  expect(store.putIfAbsent("a", 10)).toBe(false);
  now = 2_000;
  expect(store.putIfAbsent("c", 10)).toBe(true);
  expect(store.size).toBe(2);
});

test("a capacity that is none is refused", () => {
  for (const capacity of [0, 1.5, Number.NaN, 10_000_001])
    expect(() => new MemoryReplayStore({ capacity })).toThrow(RangeError);
});
