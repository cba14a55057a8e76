import { journalRecords, verifyJournal } from "@symbiont/audit";
import { fromSecretAuditEvent, importSymbiontLog, toSecretAuditLine } from "@symbiont/audit/symbiont";
import { sha256Hex } from "@symbiont/keys";
import type { AuditRecord, JsonObject } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { openJournal, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const read = {
  timestamp: "2026-01-02T03:04:05.123456Z",
  agent_id: "a-1",
  operation: "get_secret",
  secret_key: "db/password",
  outcome: "failure",
  error_message: "key hunter2 not found",
  metadata: null,
};
const approval = { timestamp: "t", event_type: "decision_made", request_id: "r-1", data: { approved: true } };
const modeB = { tool: "bash", id: "1", arguments: { token: "***" }, truncated: false };

describe("Symbiont's logs of JSON lines", () => {
  test.each([
    ["secret_audit", read],
    ["approval", approval],
    ["mode_b", modeB],
  ] as const)("%s: each entry becomes a record with the hash of its line", async (kind, entry) => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      const lines = [JSON.stringify(entry), "", JSON.stringify({ ...entry, more: 1 })];
      expect(await importSymbiontLog(journal, kind, { lines, source: "host-1" })).toBe(2);
      await journal.close();
      const imported = readRecords(folder).filter(({ type }) => type === `import.${kind}`);
      expect(imported).toHaveLength(2);
      expect(imported[0]).toMatchObject({ actor: { kind: "service", id: "host-1" }, out: "info" });
      expect(imported[0].data).toMatchObject({ chain: "none", sha256: sha256Hex(lines[0] as string) });
      expect(JSON.stringify(imported)).not.toContain("hunter2");
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    });
  });

  test("an entry that is longer than a record is kept with the digest of what does not fit", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      const text = "x".repeat(300_000);
      const many = Object.fromEntries(
        Array.from({ length: 9_000 }, (_, index) => [`member-${index}`, "value"]),
      );
      const lines = [JSON.stringify({ ...modeB, text }), JSON.stringify({ ...modeB, many })];
      expect(await importSymbiontLog(journal, "mode_b", { lines, source: "host-1" })).toBe(2);
      await journal.close();
      const [long, wide] = readRecords(folder).filter(({ type }) => type === "import.mode_b");
      expect(long.data).toMatchObject({ sha256: sha256Hex(lines[0] as string), entry: modeB });
      expect(long.data.entry.text).toEqual({ len: text.length, sha256: sha256Hex(text), trunc: true });
      expect(wide.data).toMatchObject({ sha256: sha256Hex(lines[1] as string), entry: { trunc: true } });
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    });
  });

  test("free text is kept when it is allowed, and redacted when somebody can", async () => {
    const taken: AuditRecord[] = [];
    const sink = { append: async (record: AuditRecord) => Promise.resolve({ sequence: taken.push(record) }) };
    const lines = [JSON.stringify(read)];
    await importSymbiontLog(sink, "secret_audit", { lines, source: "s", errorMessages: true });
    const redactor = { redact: () => ({ gone: true }) };
    await importSymbiontLog(sink, "secret_audit", { lines, source: "s", redactor });
    expect(taken.map(({ data }) => data?.["entry"])).toEqual([read, { gone: true }]);
  });

  test.each([
    ["not JSON", "{", "secret_audit"],
    ["a list", "[]", "mode_b"],
    ["no agent", JSON.stringify({ ...read, agent_id: undefined }), "secret_audit"],
    ["a repeated name", '{"id":1,"id":2}', "mode_b"],
    ["another kind", JSON.stringify(modeB), "approval"],
    ["one that is too long", JSON.stringify({ ...modeB, text: "x".repeat(5 << 20) }), "mode_b"],
  ] as const)("%s is refused with its line, and what came before is imported", async (_, line, kind) => {
    const taken: AuditRecord[] = [];
    const sink = { append: async (record: AuditRecord) => Promise.resolve({ sequence: taken.push(record) }) };
    const good = JSON.stringify({ secret_audit: read, approval, mode_b: modeB }[kind]);
    const importing = importSymbiontLog(sink, kind, { lines: [good, line], source: "s" });
    await expect(importing).rejects.toMatchObject({ code: "AUDIT_CORRUPT", record: 1 });
    expect(taken).toHaveLength(1);
  });

  test("a kind that there is not is refused", async () => {
    const sink = { append: async () => Promise.resolve({ sequence: 0 }) };
    await expect(importSymbiontLog(sink, "toString" as never, { lines: [], source: "s" })).rejects.toThrow(
      TypeError,
    );
  });
});

describe("an event of Symbiont's secret audit", () => {
  test("as a record, and back as a line of it", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      await journal.append(fromSecretAuditEvent(read));
      await journal.append(fromSecretAuditEvent(read, { errorMessages: true }));
      await journal.append({ type: "secret.list", outcome: "denied", actor: { kind: "agent", id: "b" } });
      await journal.append({ type: "tool.call", outcome: "success", actor: { kind: "agent", id: "b" } });
      await journal.close();
      expect(readRecords(folder)[1]).toMatchObject({
        type: "secret.read",
        out: "failure",
        actor: { kind: "agent", id: "a-1" },
        act: "get_secret",
        res: { kind: "secret", id: "db/password" },
      });
      const lines: string[] = [];
      for await (const entry of journalRecords(folder, { trusted: [journal.verifierKey] })) {
        const line = toSecretAuditLine(entry);
        if (line !== undefined) lines.push(line);
      }
      expect(lines).toHaveLength(3);
      expect(lines[0]).toBe(JSON.stringify({ ...read, error_message: "SECRET_FAILED" }));
      expect(lines[1]).toBe(JSON.stringify(read));
      expect(JSON.parse(lines[2] as string)).toMatchObject({
        operation: "list_secrets",
        outcome: "failure",
        secret_key: null,
      });
    });
  });

  test.each([{}, { ...read, agent_id: 1 }, { ...read, outcome: "denied" }])("%j is none", (event) => {
    expect(() => fromSecretAuditEvent(event as JsonObject)).toThrow(refusal("AUDIT_RECORD_INVALID"));
  });
});
