import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { signCheckpoint, verifyJournal } from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import { encodeHex } from "@symbiont/kit";
import { expect, test } from "vitest";
import { fill, openJournal, origin, record } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

const program = fileURLToPath(new URL("./oracle/verify_journal.py", import.meta.url));
const missing = ["python3", "openssl"].find((command) => !works(command));
const skipped = missing === undefined ? "" : ` (skipped: no ${missing} installed)`;

function second(folder: string, key: string): { status: number | null; output: string } {
  const { status, stdout } = spawnSync("python3", [program, folder, key], { encoding: "utf8" });
  return { status, output: stdout };
}

test.skipIf(skipped !== "")(`a verifier that shares no code with ours agrees with it${skipped}`, async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder, { maxSegmentBytes: 5_000 });
    await fill(journal, 60);
    await journal.append(
      record("é ☃ \u{1f600} \u2028", {
        data: { "\u{1f600}": 1, "\ufb33": [true, null, -1], a: '"\\\n\u0000' },
      }),
    );
    await journal.close();
    const report = await verifyJournal(folder, { trusted: [journal.verifierKey] });
    const { status, output } = second(folder, journal.verifierKey);
    expect(status, output).toBe(0);
    expect(JSON.parse(output)).toEqual({
      origin,
      records: report.records,
      root: encodeHex(report.root),
      signed: report.signedRecords,
    });
    const path = join(folder, "seg", "0000000000000000.jsonl");
    const original = readFileSync(path, "utf8");
    writeFileSync(path, original.replace("a-3", "a-4"));
    expect(second(folder, journal.verifierKey)).toMatchObject({ status: 1 });
    writeFileSync(path, original);
    const { privateKey: other } = generateKeyPair("Ed25519");
    writeFileSync(
      join(folder, "checkpoint"),
      signCheckpoint({ origin, size: report.records, root: report.root }, other),
    );
    expect(second(folder, journal.verifierKey)).toMatchObject({ status: 1 });
  });
});

function works(command: string): boolean {
  try {
    execFileSync(command, [command === "openssl" ? "version" : "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
