import { type JournalRecord, type RecordSink, verifyJournal } from "@symbiont/audit";
import { describe, expect, test } from "vitest";
import { openLog, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

/** A sink in memory that can be made to fail or to hang. */
class MemorySink implements RecordSink {
  readonly name: string;
  readonly taken: JournalRecord[] = [];
  down = false;
  hangs = false;

  constructor(name: string) {
    this.name = name;
  }

  async send(records: readonly JournalRecord[]): Promise<void> {
    if (this.hangs) await new Promise<never>(() => undefined);
    if (this.down) throw new Error("the sink is down");
    this.taken.push(...records);
    return Promise.resolve();
  }

  get sequences(): number[] {
    return this.taken.map(({ sequence }) => sequence);
  }
}

const call = { type: "tool.call", actor: { kind: "agent", id: "a" } } as const;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a sink of the strict path", () => {
  test("has a record, and all before it, when the append resolves", async () => {
    await withFolder(async (folder) => {
      const sink = new MemorySink("a");
      const log = await openLog(folder, { required: { sinks: [sink] } });
      const { sequence } = await log.append(record("x"));
      expect(sink.sequences).toEqual(upTo(sequence + 1));
      await Promise.all(Array.from({ length: 300 }, async () => log.append(record("y"))));
      expect(sink.sequences).toEqual(upTo(log.size));
      expect(sink.taken.at(-1)).toMatchObject({
        origin: "example.org/agent/audit/1",
        leaf: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      });
      await log.close();
      // Also what is recorded last.
      expect(sink.sequences).toEqual(upTo(readRecords(folder).length));
    });
  });

  test.each(["down", "hangs"] as const)(
    "that %s keeps the effect from running, and a late record is marked",
    async (how) => {
      await withFolder(async (folder) => {
        const sink = new MemorySink("a");
        const log = await openLog(folder, { required: { sinks: [sink] }, deadlineMs: 300 });
        await log.append(record("before"));
        sink[how] = true;
        let ran = false;
        await expect(log.guard(call, () => (ran = true))).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
        expect(ran).toBe(false);
        sink[how] = false;
        await expect
          .poll(
            async () =>
              log.append(record("after")).then(
                () => "kept",
                () => "refused",
              ),
            { timeout: 5_000 },
          )
          .toBe("kept");
        await log.close();
        const report = await verifyJournal(folder, { trusted: [log.verifierKey] });
        expect(report.openAttempts).toEqual([]);
        expect(report.late).toBeGreaterThan(0);
        expect([...new Set(sink.sequences)]).toEqual(upTo(report.records));
      });
    },
  );

  test("that goes down during the effect has its result withheld", async () => {
    await withFolder(async (folder) => {
      const sink = new MemorySink("a");
      const log = await openLog(folder, { required: { sinks: [sink] }, deadlineMs: 300 });
      await expect(log.guard(call, () => (sink.down = true))).rejects.toMatchObject({
        code: "AUDIT_OUTCOME_UNRECORDED",
        effectCompleted: true,
      });
      sink.down = false;
      await log.close();
    });
  });

  test("may be down as long as a quorum of others is there", async () => {
    await withFolder(async (folder) => {
      const sinks = ["a", "b", "c"].map((name) => new MemorySink(name));
      const [a, b, c] = sinks as [MemorySink, MemorySink, MemorySink];
      const log = await openLog(folder, { required: { sinks, quorum: 2 }, deadlineMs: 500 });
      a.down = true;
      await log.append(record("two of three"));
      b.down = true;
      await expect(log.append(record("one of three"))).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      expect(c.sequences).toContain(2);
      a.down = b.down = false;
      await log.close();
      for (const sink of sinks)
        expect([...new Set(sink.sequences)]).toEqual(upTo(readRecords(folder).length));
    });
  });

  test("gets what it missed in an earlier life first, from the journal", async () => {
    await withFolder(async (folder) => {
      const sink = new MemorySink("a");
      const first = await openLog(folder, { maxSegmentBytes: 20_000 });
      for (let index = 0; index < 1_200; index += 1) void first.append(record(`${index}`));
      await first.close();
      const log = await openLog(folder, { required: { sinks: [sink] } });
      await log.append(record("next"));
      expect(sink.sequences).toEqual(upTo(log.size));
      await log.close();
      const again = new MemorySink("a");
      const later = await openLog(folder, { required: { sinks: [again] } });
      await later.append(record("last"));
      expect(again.sequences[0]).toBe(readRecords(folder).length - 2);
      await later.close();
    });
  });

  test("does not keep permissive records waiting", async () => {
    await withFolder(async (folder) => {
      const sink = new MemorySink("a");
      sink.hangs = true;
      const log = await openLog(folder, {
        required: { sinks: [sink] },
        failureMode: "permissive",
        deadlineMs: 200,
      });
      expect(await log.guard(call, () => "result")).toBe("result");
      await log.close();
    });
  });

  test.each([
    ["no sinks", { sinks: [] }],
    ["two of one name", { sinks: [new MemorySink("a"), new MemorySink("a")] }],
    ["a quorum of none", { sinks: [new MemorySink("a")], quorum: 0 }],
    ["a quorum of more than there are", { sinks: [new MemorySink("a")], quorum: 2 }],
    ["a name that is a path", { sinks: [new MemorySink("../a")] }],
  ])("%s is refused", async (_, required) => {
    await expect(openLog("/nowhere", { required })).rejects.toThrow(RangeError);
  });
});
