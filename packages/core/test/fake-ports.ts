import type { GateOptions } from "@symbiont/core";
import type { AdmittedTool, AuditRecord, JsonObject, ToolDefinition } from "@symbiont/kit";

/** An audit sink that keeps what it is given, and fails when told to. */
export class MemorySink {
  readonly records: AuditRecord[] = [];
  failing = false;

  async append(record: AuditRecord): Promise<{ sequence: number }> {
    if (this.failing) throw new Error("disk full");
    this.records.push(record);
    return { sequence: this.records.length - 1 };
  }
}

const readFile: ToolDefinition = {
  name: "read_file",
  inputSchema: { type: "object", properties: { path: { type: "string" } } },
};

/** Ports that let everything through, to be replaced one by one. */
export function openPorts(audit: MemorySink = new MemorySink()): GateOptions {
  const admitted: AdmittedTool = { server: "files", definition: readFile, digest: "sha256:0" };
  return {
    identity: { kind: "agent", id: "a-1" },
    rate: "unlimited",
    tools: {
      admit: async () => ({ tools: [admitted], findings: [] }),
      check: async (tool, server) => (tool === "read_file" ? { ...admitted, server } : undefined),
    },
    arguments: {
      check: (input) => ({
        valid: true,
        arguments: (typeof input === "string" ? JSON.parse(input) : input) as JsonObject,
      }),
    },
    policy: { decide: () => ({ effect: "allow", code: "allow.rule", reason: "allowed", rules: ["p#0"] }) },
    audit,
  };
}

export const call = { id: "c-1", server: "files", tool: "read_file", arguments: '{"path":"/a"}' };
