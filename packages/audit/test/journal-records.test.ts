import { join } from "node:path";
import { journalRecords, mergedRecords } from "@symbiont/audit";
import { expect, test } from "vitest";
import { fill, openJournal, record, refusal } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

test("records are read from any sequence on, across segments, with their leaf hash", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder, { maxSegmentBytes: 2_000 });
    await fill(journal, 30);
    await journal.close();
    const trusted = [journal.verifierKey];
    const every = await all(journalRecords(folder, { trusted }));
    expect(every.map(({ sequence }) => sequence)).toEqual(every.map((_, index) => index));
    expect(every.slice(1).map(({ record: { prev } }) => prev)).toEqual(
      every.slice(0, -1).map(({ leaf }) => leaf),
    );
    const some = await all(journalRecords(folder, { trusted, from: 17, until: 21 }));
    expect(some).toEqual(every.slice(17, 21));
  });
});

test("nothing is read that no signed checkpoint covers, and nothing of another key", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder);
    await fill(journal, 3);
    const trusted = [journal.verifierKey];
    expect(await all(journalRecords(folder, { trusted }))).toMatchObject([
      { record: { type: "journal.open" } },
    ]);
    await journal.checkpoint();
    expect(await all(journalRecords(folder, { trusted }))).toHaveLength(4);
    await expect(all(journalRecords(folder, { trusted: [] }))).rejects.toThrow(
      refusal("AUDIT_NOTE_UNTRUSTED"),
    );
    await journal.close();
  });
});

test("the journals of several writers are read as one, by time", async () => {
  await withFolder(async (folder) => {
    let now = Date.UTC(2026, 0, 1);
    const clock = { now: () => now };
    const writers = await Promise.all(
      ["1", "2", "3"].map(async (name) =>
        openJournal(join(folder, name), { origin: `example.org/w/${name}`, clock }),
      ),
    );
    for (let round = 0; round < 6; round += 1) {
      now += 1_000;
      await writers[round % 3]?.append(record(`r-${round}`));
    }
    for (const writer of writers) await writer.close();
    const journals = writers.map(({ verifierKey }, index) => ({
      directory: join(folder, String(index + 1)),
      trusted: [verifierKey],
    }));
    const merged = await all(mergedRecords(journals));
    const ids = merged.filter(({ record: { type } }) => type === "tool.call");
    expect(ids.map(({ record: { actor } }) => (actor as { id: string }).id)).toEqual([
      "r-0",
      "r-1",
      "r-2",
      "r-3",
      "r-4",
      "r-5",
    ]);
    const times = merged.map(({ record: { ts } }) => Date.parse(ts as string));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
