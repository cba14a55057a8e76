import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppendFile, type TornTail } from "@symbiont/filestore";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";

interface TornTailCase {
  readonly name: string;
  readonly fileBase64: string;
  readonly expect: {
    readonly action: "open" | "truncate" | "refuse";
    readonly code?: string;
    readonly records?: number;
    readonly keepBytes?: number;
    readonly tornBytes?: number;
  };
}

/** The file half of opening a journal after a crash; what a record is, the audit package decides. */
export const suite: ConformanceSuite = {
  "audit/torn-tail.json": (data: { readonly cases: readonly TornTailCase[] }, check) => {
    for (const given of data.cases) check(given.name, () => openAfterCrash(given));
  },
};

async function openAfterCrash({ fileBase64, expect }: TornTailCase): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "filestore-vectors-"));
  try {
    const content = Buffer.from(fileBase64, "base64");
    const path = join(directory, "segment.jsonl");
    writeFileSync(path, content, { mode: 0o600 });
    const file = await AppendFile.open(path);
    let lines = 0;
    let torn: TornTail | undefined;
    for await (const entry of file.lines({ maxLineBytes: 65_536 })) {
      if (entry.kind === "torn") torn = entry;
      else lines += 1;
    }
    // Records that are whole lines but wrong are refused further up, before a tail is looked at.
    if (expect.code !== "AUDIT_CORRUPT") assert.equal(lines, expect.records);
    assert.equal(
      torn === undefined,
      expect.action === "open" || (torn === undefined && expect.action === "refuse"),
    );
    if (expect.action === "truncate") {
      assert.ok(torn !== undefined);
      const moved = await file.repairTail(torn, join(directory, "quarantine"));
      if (expect.tornBytes !== undefined) assert.equal(moved.bytes, expect.tornBytes);
      assert.deepEqual(readFileSync(moved.file), content.subarray(moved.offset));
    }
    if (expect.keepBytes !== undefined) {
      assert.equal(file.size, expect.keepBytes);
      assert.deepEqual(readFileSync(path), content.subarray(0, expect.keepBytes));
    }
    await file.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
