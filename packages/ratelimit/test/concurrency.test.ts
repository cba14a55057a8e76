import { concurrency } from "@symbiont/ratelimit";
import { describe, expect, test } from "vitest";

describe("a concurrency limit", () => {
  test("refuses at once when nobody may wait", async () => {
    const gate = concurrency({ max: 2 });
    const first = await gate.acquire();
    await gate.acquire();
    await expect(gate.acquire()).rejects.toMatchObject({ code: "RATELIMIT_BUSY", retryable: true });
    first.release();
    expect(gate.running).toBe(1);
    await gate.acquire();
    expect(gate.running).toBe(2);
  });

  test("serves those who wait in the order of asking", async () => {
    const gate = concurrency({ max: 1, queue: 3 });
    const order: number[] = [];
    const held = await gate.acquire();
    const waiting = [1, 2, 3].map(async (number) => {
      const permit = await gate.acquire();
      order.push(number);
      permit[Symbol.dispose]();
    });
    await expect(gate.acquire()).rejects.toMatchObject({ code: "RATELIMIT_BUSY" });
    expect(gate.waiting).toBe(3);
    held.release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
  });

  test("a second release gives no second permit", async () => {
    const gate = concurrency({ max: 2 });
    const first = await gate.acquire();
    await gate.acquire();
    first.release();
    first.release();
    await gate.acquire();
    await expect(gate.acquire()).rejects.toMatchObject({ code: "RATELIMIT_BUSY" });
  });

  test("one who gives up leaves the queue, whichever place it has", async () => {
    const gate = concurrency({ max: 1, queue: 2 });
    const held = await gate.acquire();
    const stop = new AbortController();
    const leaving = gate.acquire({ signal: stop.signal });
    const staying = gate.acquire();
    stop.abort(new Error("enough"));
    await expect(leaving).rejects.toThrow("enough");
    expect(gate.waiting).toBe(1);
    held.release();
    (await staying).release();
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
    await expect(gate.acquire({ signal: stop.signal })).rejects.toThrow("enough");
    expect(gate.running).toBe(0);
  });

  test.each([{ max: 0 }, { max: 1.5 }, { max: Number.NaN }, { max: 1, queue: -1 }])(
    "refuses %j",
    (options) => {
      expect(() => concurrency(options)).toThrow(RangeError);
    },
  );
});
