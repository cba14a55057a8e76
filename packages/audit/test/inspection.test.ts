import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  followJournal,
  type Incompleteness,
  incompleteness,
  inspectionExitCode,
  inspectionJson,
  inspectJournal,
  type JournalInspection,
  type JournalRecord,
  journalRecords,
  recordMatches,
  type VerifyProgress,
  verifyJournal,
} from "@symbiont/audit";
import { describe, expect, test } from "vitest";
import { runChild } from "../../../scripts/testing/run-child.ts";
import { fill, openJournal, record } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

describe("what keeps a journal from being complete", () => {
  test("is told by kind, and may be allowed by kind", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { checkpointIntervalMs: 1_000_000 });
      await journal.checkpoint();
      await journal.append(record("a", { outcome: "attempt" }));
      const [segment = ""] = readdirSync(join(folder, "seg"));
      appendFileSync(join(folder, "seg", segment), '{"half a li');
      const inspection = await inspectJournal(folder, { trusted: [journal.verifierKey] });
      if (!inspection.ok) throw new Error(inspection.fault.message);
      const kinds: Incompleteness[] = ["torn-tail", "unsigned-tail", "open-attempts"];
      expect(incompleteness(inspection.report)).toEqual(kinds);
      expect(inspectionExitCode(inspection)).toBe(3);
      expect(inspectionExitCode(inspection, { allowed: kinds.slice(1) })).toBe(3);
      expect(inspectionExitCode(inspection, { allowed: kinds })).toBe(0);
      await journal.close().catch(() => undefined);
    });
  });

  test("is what was pruned without a copy, and not what is archived", async () => {
    for (const archived of [undefined, () => true]) {
      await withFolder(async (folder) => {
        const journal = await openJournal(folder, { maxSegmentBytes: 1_000 });
        await fill(journal, 20);
        await journal.prune({ maxTotalBytes: 0, ...(archived === undefined ? {} : { archived }) });
        await journal.close();
        const inspection = await inspectJournal(folder, { trusted: [journal.verifierKey] });
        if (!inspection.ok) throw new Error(inspection.fault.message);
        expect(incompleteness(inspection.report)).toEqual(archived === undefined ? ["pruned"] : []);
      });
    }
  });
});

test.each([
  ["AUDIT_CORRUPT", 1],
  ["AUDIT_NOT_FOUND", 2],
  ["AUDIT_UNAVAILABLE", 2],
  ["AUDIT_KEY_MALFORMED", 2],
  ["AUDIT_ROLLBACK", 4],
  ["AUDIT_FORKED", 4],
  ["AUDIT_NOTE_UNTRUSTED", 5],
  ["AUDIT_NOTE_MALFORMED", 5],
] as const)("the exit status for %s is %i", (code, status) => {
  const inspection: JournalInspection = { ok: false, fault: { code, message: "" } };
  expect(inspectionExitCode(inspection)).toBe(status);
  expect(inspectionJson(inspection)).toEqual({ ok: false, fault: { code, message: "" } });
});

test("an inspection as JSON holds what a later one resumes from, and its progress ends at the end", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder, { maxSegmentBytes: 2_000 });
    await fill(journal, 20);
    await journal.checkpoint();
    const trusted = [journal.verifierKey];
    const first = JSON.parse(JSON.stringify(inspectionJson(await inspectJournal(folder, { trusted }))));
    expect(first).toMatchObject({
      ok: true,
      incomplete: expect.any(Array),
      report: {
        records: expect.any(Number),
        root: expect.stringMatching(/^[0-9a-f]{64}$/),
        gaps: [],
        keys: [],
      },
    });
    await fill(journal, 20);
    await journal.close();
    const told: VerifyProgress[] = [];
    const resumed = await verifyJournal(folder, {
      trusted,
      resumeFrom: first.report.state,
      onProgress: (step) => void told.push(step),
    });
    expect(resumed.records).toBeGreaterThan(first.report.records);
    const last = told.at(-1) as VerifyProgress;
    expect(last.bytes).toBe(last.totalBytes);
    expect(last.records).toBeLessThan(resumed.records);
  });
});

test("times without a record are told, in one thread and in several", async () => {
  await withFolder(async (folder) => {
    let now = Date.UTC(2026, 0, 1);
    const journal = await openJournal(folder, { maxSegmentBytes: 1_000, clock: { now: () => now } });
    for (let index = 0; index < 12; index += 1) {
      now += index % 4 === 3 ? 600_000 : 1_000;
      await journal.append(record(`a-${index}`, { data: { filler: "x".repeat(200) } }));
    }
    await journal.close();
    const trusted = [journal.verifierKey];
    expect((await verifyJournal(folder, { trusted })).gaps).toEqual([]);
    const { gaps } = await verifyJournal(folder, { trusted, gapMs: 60_000 });
    expect(gaps.map(({ fromTs, toTs }) => Date.parse(toTs) - Date.parse(fromTs))).toEqual([
      600_000, 600_000, 600_000,
    ]);
    const { alone, together } = (await runChild("audit", "verify-with-workers.ts", {
      args: [folder, trusted[0] as string, "3", "60000"],
    })) as { alone: unknown; together: unknown };
    expect(together).toEqual(alone);
    expect(alone).toMatchObject({ ok: true, report: { gaps } });
  });
});

describe("records", () => {
  test("are followed as checkpoints cover them, until that is ended", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      await journal.append(record("a"));
      await journal.checkpoint();
      const seen: number[] = [];
      const ending = new AbortController();
      const following = (async () => {
        const options = { trusted: [journal.verifierKey], from: 1, pollMs: 5, signal: ending.signal };
        for await (const { sequence } of followJournal(folder, options)) seen.push(sequence);
      })();
      await expect.poll(() => seen).toEqual([1]);
      await journal.append(record("b"));
      await journal.append(record("c"));
      expect(seen).toEqual([1]);
      await journal.checkpoint();
      await expect.poll(() => seen).toEqual([1, 2, 3, 4]); // the record of the first checkpoint among them
      ending.abort();
      await following;
      await journal.close();
    });
  });

  test("are found by what they say", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { clock: { now: () => 1_000 } });
      const resource = { kind: "tool", id: "t-1" };
      await journal.append(record("a", { type: "secret.read", outcome: "denied", action: "get", resource }));
      await journal.append(record("b", { type: "secret.list" }));
      await journal.append(record("a", { type: "secrets" }));
      await journal.close();
      const all: JournalRecord[] = [];
      for await (const entry of journalRecords(folder, { trusted: [journal.verifierKey] })) all.push(entry);
      const found = (filter: Parameters<typeof recordMatches>[1]): number[] =>
        all.filter((entry) => recordMatches(entry, filter)).map(({ sequence }) => sequence);
      expect(found({ type: "secret.*" })).toEqual([1, 2]);
      expect(found({ type: "secret.read" })).toEqual([1]);
      expect(found({ actor: "a" })).toEqual([1, 3]);
      expect(found({ outcome: "denied", action: "get", resource: "t-1" })).toEqual([1]);
      expect(found({ fromMs: 1_001 })).toEqual([]);
      expect(found({ untilMs: 1_000 })).toEqual([]);
      expect(found({ fromMs: 1_000, untilMs: 1_001 })).toHaveLength(5);
    });
  });
});
