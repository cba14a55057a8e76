import {
  CSV_COLUMNS,
  type JournalRecord,
  toCefLine,
  toCloudEvent,
  toCsvRow,
  toEcsEvent,
} from "@symbiont/audit";
import { canonicalJson, type JsonObject } from "@symbiont/kit";
import { describe, expect, test } from "vitest";

function entry(more: JsonObject = {}): JournalRecord {
  const record: JsonObject = {
    v: 1,
    seq: 7,
    ts: "2026-01-02T03:04:05.678Z",
    prev: "aa",
    type: "tool.call",
    out: "denied",
    actor: { kind: "agent", id: "a-1" },
    act: "tool_call::read_file",
    res: { kind: "tool", id: "files/read_file" },
    pol: { engine: "symbi", set: "sha256:00", rules: ["p#0"], code: "POLICY_DENIED" },
    err: { name: "Denial", code: "DENIED" },
    trace: { t: "0af7651916cd43dd8448eb211c80319c", s: "b7ad6b7169203331" },
    ...more,
  };
  return { origin: "example.org/a/audit/1", sequence: 7, leaf: "bb", line: canonicalJson(record), record };
}

test("a denial as an ECS event", () => {
  const { line } = entry();
  expect(toEcsEvent(entry())).toEqual({
    "@timestamp": "2026-01-02T03:04:05.678Z",
    ecs: { version: "8.17.0" },
    event: {
      kind: "event",
      category: ["process"],
      type: ["access", "denied"],
      outcome: "unknown",
      action: "tool_call::read_file",
      code: "tool.call",
      id: "example.org/a/audit/1#7",
      sequence: 7,
      hash: "bb",
      original: line,
      module: "symbiont",
      dataset: "symbiont.audit",
    },
    user: { id: "a-1", roles: ["agent"] },
    service: { name: "files/read_file", type: "tool" },
    rule: { name: "POLICY_DENIED", ruleset: "symbi", version: "sha256:00" },
    error: { type: "Denial", code: "DENIED" },
    trace: { id: "0af7651916cd43dd8448eb211c80319c" },
    span: { id: "b7ad6b7169203331" },
    labels: { audit_origin: "example.org/a/audit/1", audit_previous: "aa" },
  });
});

test.each([
  ["tool.call", "attempt", "process", ["access", "allowed"], "unknown"],
  ["tool.call", "success", "process", ["access", "allowed"], "success"],
  ["tool.call", "failure", "process", ["access"], "failure"],
  ["secret.rotate", "success", "iam", ["change", "allowed"], "success"],
  ["policy.reload", "info", "configuration", ["change"], "unknown"],
  ["journal.open", "info", "host", ["access"], "unknown"],
])("%s %s as an ECS event is %s, %j, %s", (type, out, category, types, outcome) => {
  expect(toEcsEvent(entry({ type, out }))["event"]).toMatchObject({
    category: [category],
    type: types,
    outcome,
  });
});

test("a record as a CloudEvent", () => {
  const { record } = entry();
  expect(toCloudEvent(entry())).toEqual({
    specversion: "1.0",
    id: "example.org/a/audit/1#7",
    source: "example.org/a/audit/1",
    type: "tool.call",
    time: "2026-01-02T03:04:05.678Z",
    datacontenttype: "application/json",
    auditleaf: "bb",
    data: record,
  });
});

describe("CEF", () => {
  test("a denial as a line", () => {
    expect(toCefLine(entry())).toBe(
      "CEF:0|Symbiont|audit|1|tool.call|tool_call::read_file|7|rt=1767323045678 " +
        "externalId=example.org/a/audit/1#7 outcome=denied act=tool_call::read_file suser=a-1 spriv=agent " +
        "cs1Label=resource cs1=tool/files/read_file cs2Label=policy cs2=POLICY_DENIED reason=DENIED fileHash=bb",
    );
  });

  test("what is not there has no field, and no label either", () => {
    const { record, ...rest } = entry({ out: "info" });
    const { res: _, pol: __, err: ___, ...less } = record;
    expect(toCefLine({ ...rest, record: less })).not.toMatch(/cs1|cs2|reason/);
  });

  test.each([
    ["a|b", "a\\|b", "a|b"],
    ["a\\b", "a\\\\b", "a\\\\b"],
    ["a=b", "a=b", "a\\=b"],
    ["a\nCEF:0|x", "a CEF:0\\|x", "a\\nCEF:0|x"],
    ["a\r\nb\u2028c\u0007", "a b c ", "a\\nb\\nc "],
  ])("%j cannot make another field or event", (act, header, value) => {
    const line = toCefLine(entry({ act }));
    expect(line.split("\n")).toHaveLength(1);
    expect(line).toContain(`|tool.call|${header}|7|`);
    expect(line).toContain(` act=${value} suser=`);
  });
});

describe("CSV", () => {
  test("a record as a row, in the order of the columns", () => {
    const row = toCsvRow(entry({ of: 3 }));
    const before = row.slice(0, row.indexOf('"'));
    expect(before).toBe(
      "example.org/a/audit/1,7,2026-01-02T03:04:05.678Z,tool.call,denied,agent,a-1," +
        "tool_call::read_file,tool,files/read_file,POLICY_DENIED,DENIED,3,bb,",
    );
    expect(CSV_COLUMNS).toHaveLength(before.split(",").length);
    expect(JSON.parse(row.slice(before.length + 1, -1).replaceAll('""', '"'))).toEqual(
      entry({ of: 3 }).record,
    );
  });

  test.each([
    ["=1+1", ",'=1+1,"],
    ["+1", ",'+1,"],
    ["-1", ",'-1,"],
    ["@sum", ",'@sum,"],
    ["\t=1", ",'\t=1,"],
    ['say "a,b"\n', ',"say ""a,b""\n",'],
  ])("%j is no formula and no other cell", (act, cell) => {
    expect(toCsvRow(entry({ act }))).toContain(cell);
  });
});
