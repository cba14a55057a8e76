import { createHash } from "node:crypto";
import type { JsonObject } from "@symbiont/kit";
import { buildPage } from "../../src/commands/audit/report-page.ts";
import { ReportTable } from "../../src/commands/audit/report-table.ts";
import { viewerFiles } from "../../src/commands/audit/viewer-files.ts";

/** A report of records that were never in a journal, and says that they are verified. */
export async function reportOf(records: Iterable<JsonObject>, status: JsonObject = {}): Promise<string> {
  const table = new ReportTable();
  for (const record of records) table.add(record);
  const verified = {
    ok: true,
    checked: "2026-10-15T08:00:00.000Z",
    origin: "example.com/agent/audit/1",
    records: table.size,
    signedRecords: table.size,
    root: "3f".repeat(32),
    anchors: 1,
    open: [],
    prunedRecords: 0,
    late: 0,
  };
  return buildPage({
    title: "Audit report",
    ...(await viewerFiles()),
    data: { title: "Audit report", status: { ...verified, ...status }, ...table.columns() },
    hash: (text) => createHash("sha256").update(text).digest("base64"),
  });
}
