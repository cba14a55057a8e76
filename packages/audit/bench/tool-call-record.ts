import type { AuditRecord } from "@symbiont/kit";

/** A record as a governed tool call makes it, some 500 bytes long. */
export const toolCallRecord: AuditRecord = {
  type: "tool.call",
  outcome: "info",
  actor: { kind: "agent", id: "a-1" },
  action: "tool_call::read_file",
  resource: { kind: "tool", id: "files/read_file" },
  policy: { engine: "symbi", set: `sha256:${"0".repeat(64)}`, rules: ["p#0"], code: "allow.rule" },
  data: { call: "c-1", args: { sha256: "0".repeat(64) } },
};
