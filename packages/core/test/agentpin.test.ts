import {
  AgentPinVerifier,
  agentPinIdentity,
  buildDiscoveryDocument,
  buildRevocationDocument,
  CredentialIssuer,
  credentialFromMcp,
  MemoryPinStore,
  parseDiscoveryDocument,
  StaticDocuments,
  withMcpCredential,
} from "@symbiont/agentpin";
import { Gate, type GateOptions, type ToolCallRequest } from "@symbiont/core";
import { generateKeyPair } from "@symbiont/keys";
import type { AdmittedTool, AuditRecord } from "@symbiont/kit";
import { MemoryReplayStore } from "@symbiont/kit";
import { expect, test } from "vitest";

const ISSUER = "deployer.example";
const AGENT = `urn:agentpin:${ISSUER}:scout`;
const AUDIENCE = "verifier.example";
const HOUR_MS = 3_600_000;
const tool: AdmittedTool = {
  server: "files",
  definition: { name: "read", inputSchema: { type: "object" } },
  digest: "sha256:0",
};

/** An issuer with one agent, and a gate whose policy lets agents do what their credential says. */
function setUp(options: { readonly onceOnly?: boolean; readonly askedFor?: number } = {}) {
  let now = Date.now();
  const clock = { now: () => now };
  const { privateKey: key, publicKey } = generateKeyPair("ES256");
  const discovery = buildDiscoveryDocument({
    issuer: ISSUER,
    entityType: "deployer",
    keys: [{ kid: "k1", publicKey }],
    agents: [{ agentId: AGENT, name: "scout", capabilities: ["read:*"] }],
  });
  const revocation = buildRevocationDocument({ issuer: ISSUER });
  const issuer = new CredentialIssuer({
    key,
    kid: "k1",
    discovery: parseDiscoveryDocument(discovery, ISSUER),
    clock,
  });
  const verifier = new AgentPinVerifier({
    audience: AUDIENCE,
    trust: { issuers: [ISSUER] },
    documents: new StaticDocuments([{ issuer: ISSUER, discovery, revocation }]),
    pins: { store: new MemoryPinStore() },
    clock,
    ...(options.onceOnly === true && { replay: new MemoryReplayStore({ now: clock.now }) }),
  });
  const records: AuditRecord[] = [];
  const ports: GateOptions = {
    identity: { verifier: agentPinIdentity(verifier), audience: AUDIENCE },
    rate: "unlimited",
    tools: { admit: async () => ({ tools: [tool], findings: [] }), check: async () => tool },
    arguments: { check: () => ({ valid: true, arguments: {} }) },
    policy: {
      decide: ({ principal, action, approvals = [] }) => {
        if (options.askedFor !== undefined && approvals.length === 0)
          return { effect: "ask", code: "ask", reason: "a person decides", rules: ["wait"], role: "lead" };
        const capabilities = principal.attributes?.["capabilities"] as readonly string[];
        const effect = capabilities.includes(`${action}:codebase`) ? "allow" : "deny";
        return { effect, code: `${effect}.capability`, reason: "by the credential", rules: ["capability"] };
      },
    },
    audit: { append: async (record) => ({ sequence: records.push(record) - 1 }) },
    approver: {
      ask: async ({ actionHash, role }) => {
        now += options.askedFor ?? 0;
        return { approved: true, actionHash, role, approver: "eve", expiresAt: now + HOUR_MS };
      },
    },
    approvalTimeoutMs: 1_000,
    clock,
  };
  const call: ToolCallRequest = { id: "c1", server: "files", tool: "read", arguments: {} };
  return {
    gate: new Gate(ports),
    records,
    call,
    credential: (capability = "read:codebase", audience = AUDIENCE) =>
      issuer.issue({ agentId: AGENT, audience, capabilities: [capability] }),
    pass: (ms: number) => void (now += ms),
  };
}

test("a call carries the agent's credential through MCP to the gate, and onto the record", async () => {
  const { gate, records, call, credential } = setUp();
  const params = withMcpCredential({ name: "read", arguments: {} }, credential());
  const carried = credentialFromMcp(JSON.parse(JSON.stringify(params))) ?? "";
  const result = await gate.run({ ...call, credential: carried }, ({ tool: name }) => name);
  expect(result).toEqual({ denied: false, value: "read" });
  expect(records.map(({ outcome, actor }) => [outcome, actor.id])).toEqual([
    ["attempt", AGENT],
    ["success", AGENT],
  ]);
});

type World = ReturnType<typeof setUp>;
test.each<[string, (world: World) => object]>([
  ["no credential", () => ({})],
  [
    "a credential for somebody else",
    ({ credential }) => ({ credential: credential("read:codebase", "other.example") }),
  ],
  [
    "an expired credential",
    ({ credential, pass }) => {
      const held = credential();
      pass(24 * HOUR_MS);
      return { credential: held };
    },
  ],
  ["a credential of another issuer of that name", () => ({ credential: setUp().credential() })],
])("a call with %s does not reach the tool", async (_, more) => {
  const world = setUp();
  const result = await world.gate.run({ ...world.call, ...more(world) }, () => {
    throw new Error("it ran");
  });
  expect(result).toMatchObject({ denied: true, code: "GATE_IDENTITY_REFUSED" });
});

test("the policy sees what the credential allows", async () => {
  const { gate, call, credential } = setUp();
  const reports = { ...call, credential: credential("read:reports") };
  expect(await gate.run(reports, () => 1)).toMatchObject({ denied: true, code: "deny.capability" });
});

test("a credential for one use is good for one call", async () => {
  const { gate, call, credential } = setUp({ onceOnly: true });
  const once = { ...call, credential: credential() };
  expect(await gate.run(once, () => 1)).toMatchObject({ denied: false });
  expect(await gate.run(once, () => 1)).toMatchObject({ code: "GATE_IDENTITY_REFUSED" });
});

test("a credential for one use that a person kept waiting is judged again, and not used up by it", async () => {
  for (const [waitMs, outcome] of [
    [1_000, { denied: false }],
    [24 * HOUR_MS, { code: "GATE_IDENTITY_REFUSED" }],
  ] as const) {
    const { gate, call, credential } = setUp({ onceOnly: true, askedFor: waitMs });
    expect(await gate.run({ ...call, credential: credential() }, () => 1)).toMatchObject(outcome);
  }
});
