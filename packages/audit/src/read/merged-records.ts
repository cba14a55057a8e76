import { type JournalRecord, type JournalRecordsOptions, journalRecords } from "./journal-records.ts";

/** One of several journals that are read together. */
export interface MergedJournal extends Pick<JournalRecordsOptions, "trusted" | "anchors"> {
  readonly directory: string;
}

/**
 * Reads several journals, one for each process that writes, as one: by time, then origin, then sequence. The order
 * within a journal is its own; between journals it is as good as the clocks of their hosts.
 * @throws AuditError as `verifyJournal`
 */
export async function* mergedRecords(
  journals: readonly MergedJournal[],
): AsyncGenerator<JournalRecord, void, void> {
  const sources = journals.map(({ directory, ...trust }) => journalRecords(directory, trust));
  const heads: { next: JournalRecord; source: (typeof sources)[number] }[] = [];
  const advance = async (source: (typeof sources)[number]): Promise<void> => {
    const { value, done } = await source.next();
    if (done !== true) heads.push({ next: value, source });
  };
  try {
    for (const source of sources) await advance(source);
    while (heads.length > 0) {
      let first = 0;
      for (let index = 1; index < heads.length; index += 1) {
        if (isBefore((heads[index] as (typeof heads)[0]).next, (heads[first] as (typeof heads)[0]).next))
          first = index;
      }
      const [head] = heads.splice(first, 1) as [(typeof heads)[0]];
      yield head.next;
      await advance(head.source);
    }
  } finally {
    for (const source of sources) await source.return();
  }
}

function isBefore(a: JournalRecord, b: JournalRecord): boolean {
  const [timeOfA, timeOfB] = [a.record["ts"] as string, b.record["ts"] as string]; // the chain's reader has checked them
  if (timeOfA !== timeOfB) return timeOfA < timeOfB;
  return a.origin === b.origin ? a.sequence < b.sequence : a.origin < b.origin;
}
