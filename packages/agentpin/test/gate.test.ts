import {
  agentPinIdentity,
  credentialFromMcp,
  credentialPrincipal,
  withMcpCredential,
} from "@symbiont/agentpin";
import { Gate, type GateOptions, type ToolCallRequest } from "@symbiont/core";
import type { AdmittedTool, AuditRecord } from "@symbiont/kit";
import { MemoryReplayStore } from "@symbiont/kit";
import { expect, test } from "vitest";
import { AGENT, AUDIENCE, ISSUER, World } from "./world.ts";

const tool: AdmittedTool = {
  server: "files",
  definition: { name: "read", inputSchema: { type: "object" } },
  digest: "sha256:0",
};

/** A gate whose policy lets agents do what their credential says. */
function gateFor(world: World, options: object = {}) {
  const records: AuditRecord[] = [];
  const ports: GateOptions = {
    identity: { verifier: agentPinIdentity(world.verifier(options)), audience: AUDIENCE },
    rate: "unlimited",
    tools: { admit: async () => ({ tools: [tool], findings: [] }), check: async () => tool },
    arguments: { check: () => ({ valid: true, arguments: {} }) },
    policy: {
      decide: ({ principal, action }) => {
        const capabilities = principal.attributes?.["capabilities"] as readonly string[];
        const effect = capabilities.includes(`${action}:codebase`) ? "allow" : "deny";
        return { effect, code: `${effect}.capability`, reason: "by the credential", rules: ["capability"] };
      },
    },
    audit: { append: async (record) => ({ sequence: records.push(record) - 1 }) },
  };
  const call = (more: object): ToolCallRequest => ({
    id: "c1",
    server: "files",
    tool: "read",
    arguments: {},
    ...more,
  });
  return { gate: new Gate(ports), records, call };
}

test("a call carries the agent's credential through MCP to the gate, and onto the record", async () => {
  const world = new World();
  const { gate, records, call } = gateFor(world);
  const params = withMcpCredential({ name: "read", arguments: {} }, world.token());
  const credential = credentialFromMcp(JSON.parse(JSON.stringify(params))) ?? "";
  const result = await gate.run(call({ credential }), ({ tool: name }) => name);
  expect(result).toEqual({ denied: false, value: "read" });
  expect(records.map(({ outcome, actor }) => [outcome, actor.id])).toEqual([
    ["attempt", AGENT],
    ["success", AGENT],
  ]);
});

test.each<[string, (world: World) => object]>([
  ["no credential", () => ({})],
  ["a credential for somebody else", (world) => ({ credential: world.token({ aud: "other.example" }) })],
  [
    "an expired credential",
    (world) => ({ credential: world.token({ iat: world.now - 900, exp: world.now - 600 }) }),
  ],
])("a call with %s does not reach the tool", async (_, more) => {
  const world = new World();
  const { gate, call } = gateFor(world);
  const result = await gate.run(call(more(world)), () => {
    throw new Error("it ran");
  });
  expect(result).toMatchObject({ denied: true, code: "GATE_IDENTITY_REFUSED" });
});

test("the policy sees what the credential allows", async () => {
  const world = new World();
  const { gate, call } = gateFor(world);
  const credential = world.token({ capabilities: ["read:reports"] });
  expect(await gate.run(call({ credential }), () => 1)).toMatchObject({ denied: true });
});

test("a credential for one use is good for one call", async () => {
  const world = new World();
  const { gate, call } = gateFor(world, { replay: new MemoryReplayStore({ now: world.clock.now }) });
  const credential = world.token();
  expect(await gate.run(call({ credential }), () => 1)).toMatchObject({ denied: false });
  expect(await gate.run(call({ credential }), () => 1)).toMatchObject({ code: "GATE_IDENTITY_REFUSED" });
});

test("a bare name is put into its issuer's domain", async () => {
  const world = new World();
  world.discovery.agents[0].agent_id = "7f1c";
  const result = await world.verifier({ subjectFormat: "any" }).verify(world.token({ sub: "7f1c" }));
  if (!result.valid) throw new Error(result.reason);
  expect(credentialPrincipal(result)).toMatchObject({ kind: "agent", id: `urn:agentpin:${ISSUER}:7f1c` });
});
