import { AuditLog, Journal, verifyJournal } from "@symbiont/audit";
import type { AuditRecord } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { key, origin, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const options = { origin, key, anchor: (): void => undefined };
const throwing = (): never => {
  throw new Error("trap");
};

/** Every trap of a proxy that throws. */
const hostile = (target: object, traps: readonly string[]): object =>
  new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, throwing])));

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
}

function circle(): object {
  const value: Record<string, unknown> = { list: [] };
  (value["list"] as unknown[]).push(value, new Map([[value, value]]));
  return value;
}

/** Shows itself differently each time it is asked. */
const fickle = new Proxy(
  {},
  {
    ownKeys: () => ["a", "b"],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: "\u0000" }),
    get: (_, name) => (name === "toJSON" ? undefined : Math.random() < 0.5 ? { [name]: '","v":2}\n{' } : "x"),
  },
);

const DATA: readonly [string, unknown][] = [
  ["a getter that throws", Object.defineProperty({ kept: 1 }, "a", { get: throwing, enumerable: true })],
  ["a toJSON that throws", { toJSON: throwing }],
  ["a toJSON that is a getter that throws", Object.defineProperty({}, "toJSON", { get: throwing })],
  ["a toJSON without end", { toJSON: () => nested(100, (inner) => ({ toJSON: () => inner })) }],
  [
    "a toJSON that gives itself",
    {
      a: 1,
      toJSON(): unknown {
        return this;
      },
    },
  ],
  ["a proxy that throws", hostile({ a: 1 }, ["get", "ownKeys", "getPrototypeOf"])],
  ["a proxy whose members throw", hostile({ a: 1 }, ["get"])],
  ["a proxy of a list that throws", hostile([1], ["get"])],
  ["a revoked proxy", revoked({})],
  ["a revoked proxy of a list", revoked([])],
  [
    "a list that says that it is endless",
    new Proxy([], { get: (_, name) => (name === "length" ? 1e15 : 1) }),
  ],
  ["a list with nothing in it, and long", Object.assign([], { length: 4e9 })],
  ["a proxy that is never the same", fickle],
  ["a circle", circle()],
  ["lists in lists", nested(200_000, (inner) => [inner])],
  ["objects in objects", nested(200_000, (inner) => ({ a: inner }))],
  ["maps in maps", nested(10_000, (inner) => new Map([["k", inner]]))],
  ["the same thing twice, sixty times over", nested(60, (inner) => [inner, inner])],
  ["a prototype that was tampered with", Object.create({ inherited: 1 }) as object],
  [
    "names that collide",
    Object.fromEntries(
      Array.from({ length: 3_000 }, (_, n) => [
        String.fromCharCode(0xd800 + (n % 2_048)).repeat(1 + (n >> 11)),
        n,
      ]),
    ),
  ],
  [
    "a hundred thousand names",
    Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`n${n}`, undefined])),
  ],
  ["a number of a million digits", 1n << 3_000_000n],
  [
    "an iterator that was replaced",
    Object.assign(new Map([["a", 1]]), { entries: throwing, [Symbol.iterator]: throwing }),
  ],
  ["a text in a box that throws", Object.assign(Object("text") as object, { valueOf: throwing })],
  ["an error whose members throw", Object.defineProperty(new Error("x"), "name", { get: throwing })],
  ["bytes whose length throws", Object.defineProperty(new Uint8Array(3), "byteLength", { get: throwing })],
];

describe.each(["strict", "permissive"] as const)(
  "in %s mode no data costs the call its record",
  (failureMode) => {
    test.each(DATA)("%s", async (_, value) => {
      await withFolder(async (folder) => {
        const log = await AuditLog.open(folder, { ...options, failureMode });
        await log.append(record("whole", { data: value as never }));
        await log.append(record("member", { data: { kept: "small", value } as never }));
        expect(await log.guard({ ...record("guarded"), data: { value } as never }, () => "ran")).toBe("ran");
        expect(await log.deny({ ...record("denied"), data: { value } as never })).toBeUndefined();
        await log.close();
        await verifyJournal(folder, { trusted: [log.verifierKey] });
        const records = readRecords(folder).filter(({ type }) => type === "tool.call");
        expect(records.map(({ actor }) => actor.id)).toEqual([
          "whole",
          "member",
          "guarded",
          "guarded",
          "denied",
        ]);
        expect(records[1].data.kept).toBe("small");
        expect(records.every(({ data }) => data?.stub === undefined)).toBe(true);
      });
    });
  },
);

test("a record that says one thing when it is checked and another when it is written is read once", async () => {
  await withFolder(async (folder) => {
    const journal = await Journal.open(folder, options);
    let reads = 0;
    const good = record("a");
    const twofaced = Object.defineProperty({ ...good }, "type", {
      get: () => (++reads === 1 ? "tool.call" : 'x","v":1}\n{"'),
    });
    await journal.append(twofaced);
    await journal.close();
    expect((await verifyJournal(folder, { trusted: [journal.verifierKey] })).records).toBe(3);
    expect(readRecords(folder)[1].type).toBe("tool.call");
  });
});

test.each<[string, unknown]>([
  ["a type that throws", Object.defineProperty({ ...record("a") }, "type", { get: throwing })],
  ["an actor that throws", { ...record("a"), actor: hostile({}, ["get"]) }],
  ["a trace that throws", { ...record("a"), trace: hostile({}, ["get"]) }],
  ["a revoked proxy", revoked({})],
])("%s is refused by a code of ours", async (_, bad) => {
  await withFolder(async (folder) => {
    const journal = await Journal.open(folder, options);
    await expect(journal.append(bad as AuditRecord)).rejects.toThrow(refusal("AUDIT_RECORD_INVALID"));
    await journal.close();
  });
});

test("a record that is as long as one may be is one that a reader takes, wherever it stands", async () => {
  await withFolder(async (folder) => {
    let now = Date.UTC(2026, 0, 2);
    const journal = await Journal.open(folder, { ...options, clock: { now: () => now } });
    now = Date.UTC(2026, 0, 1); // clamped, which makes a line longer
    for (let length = 65_000; length < 65_500; length += 5) {
      const rules = Array.from({ length: 65 }, () => "r".repeat(900));
      rules.push("r".repeat(length - 65 * 903 - 200));
      await journal.append({
        ...record("a", { policy: { engine: "e", set: "s", rules, code: "c" } }),
        type: "t".repeat(64),
        outcome: "success",
        attempt: Number.MAX_SAFE_INTEGER,
      });
    }
    await journal.close();
    expect((await verifyJournal(folder, { trusted: [journal.verifierKey] })).records).toBe(102);
  });
});
