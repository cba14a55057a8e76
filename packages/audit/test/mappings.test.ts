import { toOcsfEvent, toOtelLogRecord } from "@symbiont/audit";
import { expect, test } from "vitest";
import { withJournal } from "./sink-fixtures.ts";

test("a denial as an OCSF event, with its integrity", async () => {
  await withJournal(async ({ records }) => {
    const denied = records[3];
    if (denied === undefined) throw new Error("no record");
    const event = toOcsfEvent(denied);
    expect(event).toMatchObject({
      class_uid: 6003,
      category_uid: 6,
      type_uid: 600_399,
      activity_name: "tool.call",
      time: Date.parse(denied.record["ts"] as string),
      severity_id: 3,
      status_id: 2,
      status_code: "DENIED",
      action_id: 2,
      disposition_id: 2,
      actor: { user: { uid: 'é "quoted" \\ ]', type: "agent" } },
      attestation: {
        uid: `${denied.origin}#3`,
        chain_uid: denied.origin,
        prev_event: denied.record["prev"],
        fingerprint: { algorithm_id: 3, algorithm: "SHA-256", value: denied.leaf },
      },
      metadata: { sequence: 3, profiles: ["security_control", "record_integrity"] },
      raw_data: denied.line,
    });
  });
});

test.each([
  ["tool.call", "attempt", { class_uid: 6003, action_id: 1, disposition_id: 1, status_id: 0 }],
  ["tool.call", "success", { class_uid: 6003, status_id: 1 }],
  ["tool.call", "failure", { class_uid: 6003, disposition_id: 27, status_id: 2 }],
  ["policy.reload", "info", { class_uid: 3004, action_id: 3 }],
  ["api_key.rotate", "success", { class_uid: 3004 }],
  ["api_key.verify", "denied", { class_uid: 3003, disposition_id: 2 }],
  ["approval.decided", "success", { class_uid: 3003 }],
])("%s %s has its OCSF class and result", (type, out, expected) => {
  const record = {
    v: 1,
    seq: 1,
    ts: "2026-01-02T03:04:05.678Z",
    prev: "0",
    type,
    out,
    actor: { kind: "agent", id: "a" },
  };
  const event = toOcsfEvent({ origin: "o", sequence: 1, leaf: "1", line: "{}", record });
  expect(event).toMatchObject(expected);
});

test("an OpenTelemetry log record leaves out ids that no collector takes", () => {
  const record = {
    ts: "2026-01-02T03:04:05.678Z",
    type: "tool.call",
    out: "info",
    trace: { t: "short", s: "UPPERCASE0000000" },
  };
  const log = toOtelLogRecord({ origin: "o", sequence: 1, leaf: "1", line: "{}", record });
  expect(log).toMatchObject({
    timeUnixNano: "1767323045678000000",
    eventName: "tool.call",
    severityNumber: 9,
  });
  expect(log).not.toHaveProperty("traceId");
  expect(log).not.toHaveProperty("spanId");
});
