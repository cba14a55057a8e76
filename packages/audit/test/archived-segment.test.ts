import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  formatVerifierKey,
  signCheckpoint,
  verifierKey,
  verifyJournal,
  verifySegment,
} from "@symbiont/audit";
import { generateKeyPair, sha256Hex } from "@symbiont/keys";
import { expect, test } from "vitest";
import { fill, openJournal, origin, record, refusal } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

/** A journal whose older segments were archived and pruned; gives the archive and the names of the segments in it. */
async function archived(
  folder: string,
): Promise<{ trusted: readonly string[]; journal: string; archive: string; names: readonly string[] }> {
  const journal = join(folder, "journal");
  const archive = join(folder, "archive");
  const open = await openJournal(journal, { maxSegmentBytes: 2_000 });
  await open.append(record("open", { outcome: "attempt" }));
  await fill(open, 30);
  cpSync(join(journal, "seg"), archive, { recursive: true });
  const pruned = await open.prune({ maxTotalBytes: 0 });
  await open.close();
  const names = pruned.map(({ path }) => path.slice(-22));
  expect(names.length).toBeGreaterThan(3);
  return { trusted: [open.verifierKey], journal, archive, names };
}

test("each archived segment is verified alone, plain or compressed, after it was pruned", async () => {
  await withFolder(async (folder) => {
    const { trusted, journal, archive, names } = await archived(folder);
    let next = 0;
    for (const name of names) {
      const path = join(archive, name);
      const verified = await verifySegment(path, journal, { trusted });
      expect(verified).toMatchObject({ origin, first: next, sha256: sha256Hex(readFileSync(path)) });
      expect(verified.openAttempts).toEqual(next === 0 ? [1] : []);
      next = verified.end;
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)), { mode: 0o600 });
      expect(await verifySegment(`${path}.gz`, journal, { trusted })).toEqual(verified);
    }
    await verifyJournal(journal, { trusted });
  });
});

test("a copy of header and summaries is enough", async () => {
  await withFolder(async (folder) => {
    const { trusted, journal, archive, names } = await archived(folder);
    const copy = join(folder, "copy");
    mkdirSync(copy, { mode: 0o700 });
    cpSync(join(journal, "log.json"), join(copy, "log.json"));
    cpSync(join(journal, "sum"), join(copy, "sum"), { recursive: true });
    const segment = join(archive, names[1] ?? "");
    expect(await verifySegment(segment, copy, { trusted })).toEqual(
      await verifySegment(segment, journal, { trusted }),
    );
    rmSync(join(copy, "sum", readdirSync(join(copy, "sum")).sort()[0] ?? ""));
    await expect(verifySegment(segment, copy, { trusted })).rejects.toThrow(refusal("AUDIT_NOT_FOUND"));
  });
});

test.each([
  ["a changed record", (text: string) => text.replace("xx", "xy"), "AUDIT_CORRUPT"],
  ["a missing last record", (text: string) => text.replace(/[^\n]*\n$/, ""), "AUDIT_CORRUPT"],
  ["a missing first record", (text: string) => text.replace(/^[^\n]*\n/, ""), "AUDIT_CORRUPT"],
  ["a record more", (text: string) => `${text}{}\n`, "AUDIT_CORRUPT"],
  ["half a record more", (text: string) => `${text}{`, "AUDIT_CORRUPT"],
  ["nothing", () => "", "AUDIT_CORRUPT"],
])("%s is found in an archived segment", async (_, change, code) => {
  await withFolder(async (folder) => {
    const { trusted, journal, archive, names } = await archived(folder);
    const path = join(archive, names[2] ?? "");
    writeFileSync(path, change(readFileSync(path, "utf8")));
    await expect(verifySegment(path, journal, { trusted })).rejects.toThrow(refusal(code));
  });
});

test("one under a name that is not its own, or signed by nobody who is trusted, is refused", async () => {
  await withFolder(async (folder) => {
    const { trusted, journal, archive, names } = await archived(folder);
    const [first = "", second = ""] = names;
    cpSync(join(archive, second), join(archive, "copy.jsonl"));
    await expect(verifySegment(join(archive, "copy.jsonl"), journal, { trusted })).rejects.toThrow(
      refusal("AUDIT_CORRUPT"),
    );
    const { publicKey, privateKey } = generateKeyPair("Ed25519");
    const other = formatVerifierKey(verifierKey(origin, publicKey));
    await expect(verifySegment(join(archive, first), journal, { trusted: [other] })).rejects.toThrow(
      refusal("AUDIT_NOTE_UNTRUSTED"),
    );
    // A summary of somebody else's making does not help.
    const path = join(journal, "sum", first.replace("jsonl", "json"));
    const summary = JSON.parse(readFileSync(path, "utf8")) as { size: number };
    const note = signCheckpoint({ origin, size: summary.size, root: new Uint8Array(32) }, privateKey);
    writeFileSync(path, JSON.stringify({ ...summary, note }));
    await expect(verifySegment(join(archive, first), journal, { trusted })).rejects.toThrow(
      refusal("AUDIT_NOTE_UNTRUSTED"),
    );
  });
});
