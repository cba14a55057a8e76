import { RateLimiter } from "@symbiont/ratelimit";
import { describe, expect, test } from "vitest";
import { KeyTable } from "../src/key-table.ts";

const range = (position: number, width: number): [number, number] => [position, position + width];

describe("a flood of keys", () => {
  test("memory is fixed, at most 45 bytes a key besides the 512 KiB that all share", () => {
    const table = new RateLimiter({ maxKeys: 1_000_000 }).tableBytes;
    expect(table).toBeLessThanOrEqual(45 * 1_000_000 + 524_288);
    expect(new RateLimiter({ maxKeys: 100_000 }).tableBytes).toBeLessThanOrEqual(45 * 100_000);
  });

  test("a few keys take the memory of a few, at most 100 bytes each", () => {
    const limiter = new RateLimiter({ now: () => 0 });
    for (let key = 0; key < 10_000; key += 1) limiter.take(`198.51.${key >> 8}.${key & 255}`);
    expect(limiter.usedBytes).toBeLessThanOrEqual(100 * 10_000);
    expect(limiter.usedBytes).toBeLessThan(limiter.tableBytes / 4);
  });

  test.each([1, 3])("growing loses no key and mixes up none, with %i times per key", (width) => {
    const table = new KeyTable(20_000, width);
    const arrivals = Array.from({ length: 20_000 }, (_, key) => key + 1);
    for (const time of arrivals) table.times.fill(time, ...range(table.locate(`key ${time}`, 0), width));
    for (const time of arrivals) {
      const [from, to] = range(table.locate(`key ${time}`, 0), width);
      expect([...table.times.subarray(from, to)]).toEqual(Array.from({ length: width }, () => time));
    }
  });

  test("as many keys as stated find a place of their own", () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const table = new KeyTable(100_000, 1);
      let shared = 0;
      for (let key = 0; key < 100_000; key += 1) {
        const position = table.locate(`key ${key}`, 0);
        if (table.isShared(position)) shared += 1;
        table.times[position] = 1;
      }
      expect(shared).toBe(0);
    }
  });

  test("also in small tables, where two full buckets are not that rare", () => {
    let shared = 0;
    for (let attempt = 0; attempt < 6_000; attempt += 1) {
      const table = new KeyTable(16, 1);
      for (let key = 0; key < 16; key += 1) {
        const position = table.locate(`${attempt} ${key}`, 0);
        if (table.isShared(position)) shared += 1;
        table.times[position] = 1;
      }
    }
    expect(shared).toBe(0);
  });

  test("a key that is moved to make room keeps what it has used", () => {
    for (let attempt = 0; attempt < 300; attempt += 1) {
      const table = new KeyTable(16, 2);
      // More than there is room for, so that many have to move.
      const places = new Map<number, string>();
      for (let key = 1; key <= 30; key += 1) {
        const position = table.locate(`${attempt} ${key}`, 0);
        if (table.isShared(position)) continue;
        table.times.set([key, key + 0.5], position);
        places.set(key, `${attempt} ${key}`);
      }
      for (const [key, text] of places) {
        const position = table.locate(text, 0);
        expect([...table.times.subarray(position, position + 2)]).toEqual([key, key + 0.5]);
      }
    }
  });

  test("300,000 new keys a second: memory stays flat and every decision is limited", () => {
    let nowMs = 0;
    const limiter = new RateLimiter({ now: () => nowMs });
    const victim = () => limiter.take("victim");
    while (victim().allowed);
    const bytes = limiter.tableBytes;
    const before = process.memoryUsage().arrayBuffers;
    let refused = 0;
    let unlimited = 0;
    for (let second = 0; second < 4; second += 1) {
      for (let key = 0; key < 300_000; key += 1) {
        nowMs += 1 / 300;
        const decision = limiter.take(`10.${second}.${key}`);
        if (!decision.allowed) refused += 1;
        if (decision.remaining >= 100) unlimited += 1;
      }
    }
    expect(unlimited).toBe(0);
    expect(limiter.tableBytes).toBe(bytes);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(refused).toBe(0);
    // Four seconds are worth 6 units: nothing of what it had used was forgotten.
    let admitted = 0;
    while (victim().allowed) admitted += 1;
    expect(admitted).toBeLessThanOrEqual(7);
  });

  test("hammering with more keys than there is room for gets nobody more than the limit", () => {
    // 16 keys have room at most; 400 clients try all they can, again and again, while slots come and go.
    let nowMs = 0;
    const limits = [{ count: 5, periodMs: 1000 }];
    const limiter = new RateLimiter({ limits, maxKeys: 8, now: () => nowMs });
    const admitted = new Map<string, number>();
    for (let round = 0; round < 200; round += 1) {
      nowMs += 37;
      for (let client = 0; client < 400; client += 1) {
        const key = `client ${(client * 7 + round * 13) % 400}`;
        if (limiter.take(key).allowed) admitted.set(key, (admitted.get(key) ?? 0) + 1);
      }
    }
    const most = 5 + (nowMs / 1000) * 5;
    for (const count of admitted.values()) expect(count).toBeLessThanOrEqual(most);
  });

  test("a key that limits somebody is never evicted", () => {
    let nowMs = 0;
    const limiter = new RateLimiter({ maxKeys: 100, now: () => nowMs });
    limiter.take("victim", 100);
    let forgotten = 0;
    for (let key = 0; key < 100_000; key += 1) {
      nowMs += 0.005;
      limiter.take(`attacker ${key}`);
      if (limiter.peek("victim").allowed) forgotten += 1;
    }
    expect(forgotten).toBe(0);
  });

  test("long and strange keys are keys like any other", () => {
    const limiter = new RateLimiter();
    for (const key of ["__proto__", "constructor", "\u0000", "x".repeat(2_000_000), "\ud800", "\u{1f600}"]) {
      expect(limiter.take(key).remaining).toBe(99);
      expect(limiter.take(key).remaining).toBe(98);
    }
  });
});
