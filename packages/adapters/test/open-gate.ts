import { Gate, type GateOptions } from "@symbiont/core";
import {
  type AdmittedTool,
  type AuditRecord,
  deepFreeze,
  type JsonObject,
  type ToolVerifier,
} from "@symbiont/kit";

/** Admits every tool whose name does not say otherwise, and knows only what was listed last. */
function nameVerifier(): ToolVerifier {
  const admitted = new Map<string, AdmittedTool>();
  return {
    admit: async (tools, server) => {
      admitted.clear();
      for (const tool of tools) {
        if (tool.name.startsWith("unsigned")) continue;
        const definition = deepFreeze(structuredClone(tool));
        admitted.set(tool.name, { server, definition, digest: `sha256:${tool.description ?? ""}` });
      }
      const findings = tools
        .filter(({ name }) => !admitted.has(name))
        .map(
          ({ name }) =>
            ({ tool: name, action: "block", code: "signature_missing", reason: "unsigned" }) as const,
        );
      return { tools: [...admitted.values()], findings };
    },
    check: async (tool) => admitted.get(tool),
  };
}

/** A gate whose policy forbids tools named `forbidden…`, and the records it made. */
export function openGate(ports: Partial<GateOptions> = {}): { gate: Gate; records: AuditRecord[] } {
  const records: AuditRecord[] = [];
  const gate = new Gate({
    identity: { kind: "agent", id: "a-1" },
    rate: "unlimited",
    tools: nameVerifier(),
    arguments: {
      check: (input) =>
        typeof input === "string"
          ? { valid: false, code: "args.not_object", reason: "arguments are not an object" }
          : { valid: true, arguments: structuredClone<JsonObject>(input) },
    },
    policy: {
      decide: ({ action }) =>
        action.startsWith("forbidden")
          ? { effect: "deny", code: "deny.rule", reason: "forbidden here", rules: ["p#0"] }
          : { effect: "allow", code: "allow.rule", reason: "fine", rules: ["p#1"] },
    },
    audit: { append: async (record) => ({ sequence: records.push(record) - 1 }) },
    ...ports,
  });
  return { gate, records };
}
