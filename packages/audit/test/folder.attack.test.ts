import {
  appendFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CompactRange, leafHash, signCheckpoint, verifierKey, verifyJournal } from "@symbiont/audit";
import { canonicalJson } from "@symbiont/kit";
import { expect, test } from "vitest";
import { formatSegmentSummary, parseSegmentSummary } from "../src/journal/segment-summary.ts";
import { key, openJournal, origin, record, refusal } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

// What somebody who can write the journal's folder, but nothing else, can make the journal do.

test.each([
  ["a tile that is not full", "tile/0/000.p/2"],
  ["a full tile", "tile/0/000"],
])("a link in the place of %s leads the journal to no other file", async (_, name) => {
  await withFolder(async (folder) => {
    const [journalFolder, victim] = [join(folder, "journal"), join(folder, "victim")];
    writeFileSync(victim, "precious");
    const journal = await openJournal(journalFolder);
    mkdirSync(join(journalFolder, name, ".."), { recursive: true });
    rmSync(join(journalFolder, name), { force: true });
    symlinkSync(victim, join(journalFolder, name));
    await journal.append(record("a"));
    await journal.checkpoint();
    for (let round = 0; round < 13; round += 1)
      await Promise.all(Array.from({ length: 20 }, async () => journal.append(record("a"))));
    await journal.close();
    expect(readFileSync(victim, "utf8")).toBe("precious");
    await verifyJournal(journalFolder, { trusted: [journal.verifierKey] });
  });
});

test.each(["when it is opened", "while it is open"])(
  "a link in the place of the signatures of records leads to no other file, %s",
  async (when) => {
    await withFolder(async (folder) => {
      const [journalFolder, victim] = [join(folder, "journal"), join(folder, "victim")];
      writeFileSync(victim, "precious\n");
      const place = join(journalFolder, "sig", "0000000000000000.sig");
      const link = (): void => {
        rmSync(place, { force: true });
        symlinkSync(victim, place);
      };
      const journal = await openJournal(journalFolder, { signEntries: true });
      await journal.append(record("a"));
      if (when === "while it is open") {
        link();
        await journal.append(record("b")).catch(() => undefined);
        await journal.close().catch(() => undefined);
      } else {
        await journal.close();
        link();
        await openJournal(journalFolder, { signEntries: true }).then(
          async (again) => again.close(),
          () => undefined,
        );
      }
      expect(readFileSync(victim, "utf8")).toBe("precious\n");
    });
  },
);

test.each([
  ["tile", "while it is open", "tile/0/000.p/2"],
  ["tile/0", "while it is open", "tile/0/000.p/2"],
  ["tile", "when it is opened", "tile/0/000.p/3"],
  ["sig", "while it is open", "sig/0000000000000000.sig"],
  ["tile/0/000.p", "when it is opened", "tile/0/000.p/77"],
  ["tile/0", "when it is opened", "tile/0/001.p/77"],
  ["sig", "when it is opened", "sig/0000000000000000.sig"],
  ["seg", "when it is opened", "seg/0000000000000000.jsonl"],
  ["sum", "when it is opened", "sum/0000000000000000.json"],
  ["quarantine", "when it is opened", "quarantine/1-1"],
])("a link in the place of the folder %s, %s, leads to no other folder", async (name, when, file) => {
  await withFolder(async (folder) => {
    const [journalFolder, victims] = [join(folder, "journal"), join(folder, "victims")];
    const victim = join(victims, file.slice(name.length + 1));
    const journal = await openJournal(journalFolder, { signEntries: true });
    await journal.append(record("a"));
    const link = (): void => {
      const place = join(journalFolder, name);
      if (name === "seg") cpSync(place, victims, { recursive: true });
      rmSync(place, { recursive: true, force: true });
      mkdirSync(join(victim, ".."), { recursive: true });
      if (name !== "seg") writeFileSync(victim, "precious");
      symlinkSync(victims, place);
    };
    const list = (): string[] => readdirSync(victims, { recursive: true, encoding: "utf8" }).sort();
    if (when === "when it is opened") await journal.close();
    link();
    const before = readFileSync(victim, "utf8");
    const files = list();
    if (when === "while it is open") {
      await journal.append(record("b")).catch(() => undefined);
      await journal.checkpoint().catch(() => undefined);
      await journal.close().catch(() => undefined);
    } else {
      await expect(openJournal(journalFolder, { signEntries: true })).rejects.toThrow(
        refusal("AUDIT_CORRUPT"),
      );
    }
    expect(readFileSync(victim, "utf8")).toBe(before);
    expect(list()).toEqual(files);
  });
});

test("a second name of another file in the place of a tile changes nothing of it", async () => {
  await withFolder(async (folder) => {
    const [journalFolder, victim] = [join(folder, "journal"), join(folder, "victim")];
    writeFileSync(victim, "precious");
    const journal = await openJournal(journalFolder);
    rmSync(join(journalFolder, "tile/0/000.p/2"), { force: true });
    mkdirSync(join(journalFolder, "tile/0/000.p"), { recursive: true });
    linkSync(victim, join(journalFolder, "tile/0/000.p/2"));
    await journal.append(record("a"));
    await journal.checkpoint();
    await journal.close();
    expect(readFileSync(victim, "utf8")).toBe("precious");
    await verifyJournal(journalFolder, { trusted: [journal.verifierKey] });
  });
});

test("records that tell of losses of ever more types cannot fill the memory of a reader", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder);
    await journal.close();
    const path = join(folder, "seg", "0000000000000000.jsonl");
    let [line = ""] = readFileSync(path, "utf8").trimEnd().split("\n").slice(-1);
    const { ts, seq } = JSON.parse(line) as { ts: string; seq: number };
    for (let index = 1; index <= 30; index += 1) {
      const counts = Object.fromEntries(Array.from({ length: 200 }, (_, type) => [`t.${index}.${type}`, 2]));
      const prev = Buffer.from(leafHash(Buffer.from(line))).toString("hex");
      const actor = { kind: "service", id: origin };
      const type = "journal.dropped";
      line = canonicalJson({ v: 1, seq: seq + index, ts, prev, type, out: "info", actor, data: { counts } });
      appendFileSync(path, `${line}\n`);
    }
    const { dropped } = await verifyJournal(folder, { trusted: [journal.verifierKey] });
    const counts = Object.values(dropped);
    expect(counts.length).toBeLessThanOrEqual(1_001);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(30 * 200 * 2);
  });
});

test("a segment with more open attempts than anybody counts can be gone on behind", () => {
  const range = new CompactRange();
  for (let index = 0; index < 300; index += 1) range.appendHex("0".repeat(64));
  const { size, roots } = range;
  const openAttempts = Array.from({ length: 300_000 }, (_, index) => 1_000_000_000 + index);
  const state = { size, head: "0".repeat(64), time: "2026-01-01T00:00:00.000Z", roots, openAttempts };
  const note = signCheckpoint({ origin, size, root: range.root() }, key);
  const text = formatSegmentSummary({ first: 0, state, note, sha256: "0".repeat(64) });
  const read = parseSegmentSummary(text, origin, [verifierKey(origin, key.publicKey)]);
  // The newest are kept, which may still get their outcome.
  expect(read.state.openAttempts.at(-1)).toBe(openAttempts.at(-1));
  expect(read.state.openAttempts.length).toBeGreaterThan(10_000);
});
