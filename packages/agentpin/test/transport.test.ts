import {
  authorizationOf,
  credentialFromAuthorization,
  credentialFromMcp,
  credentialFromWebSocketFrame,
  GRPC_METADATA_KEY,
  mcpCapability,
  toSpecJson,
  webSocketFrame,
  withMcpCredential,
} from "@symbiont/agentpin";
import { expect, test } from "vitest";
import { AGENT, ISSUER, World } from "./world.ts";

test("a credential goes through every carrier and back", () => {
  const token = new World().token();
  expect(credentialFromAuthorization(authorizationOf(token))).toBe(token);
  expect(credentialFromWebSocketFrame(webSocketFrame(token))).toBe(token);
  const params = { name: "read", arguments: {}, _meta: { progressToken: 1, agentpin_credential: "old" } };
  const carried = withMcpCredential(params, token);
  expect(carried).toEqual({ ...params, _meta: { progressToken: 1, agentpin_credential: token } });
  expect(params._meta.agentpin_credential).toBe("old");
  expect(credentialFromMcp(JSON.parse(JSON.stringify(carried)))).toBe(token);
  expect(mcpCapability(true)).toEqual({ version: "0.1", required: true });
  expect(GRPC_METADATA_KEY).toBe("agentpin-credential");
});

test.each<unknown>([
  undefined,
  null,
  {},
  { _meta: null },
  { _meta: { agentpin_credential: 5 } },
  { _meta: { agentpin_credential: "" } },
  Object.create({ _meta: { agentpin_credential: "a.b.c" } }),
])("parameters %j carry no credential", (params) => {
  expect(credentialFromMcp(params)).toBeUndefined();
});

test.each<unknown>([
  "",
  "x",
  "[]",
  '{"type":"other","credential":"a.b.c"}',
  '{"type":"agentpin-auth"}',
  '{"type":"agentpin-auth","credential":"a","credential":"b"}',
  `{"type":"agentpin-auth","credential":"${"x".repeat(20_000)}"}`,
  new Uint8Array(3),
])("the frame %s carries no credential", (frame) => {
  expect(credentialFromWebSocketFrame(frame)).toBeUndefined();
});

test("results are written as the protocol words them", async () => {
  const world = new World();
  const verifier = world.verifier();
  expect(toSpecJson(await verifier.verify(world.token()))).toEqual({
    valid: true,
    agent_id: AGENT,
    issuer: ISSUER,
    capabilities: ["read:codebase"],
    constraints: null,
    delegation_verified: false,
    delegation_chain: [],
    key_pinning: { status: "unknown" },
    warnings: [],
  });
  expect(toSpecJson(await verifier.verify("x"))).toEqual({
    valid: false,
    error_code: "ALGORITHM_REJECTED",
    error_message: "refused at step 1: malformed",
    reason: "malformed",
    step: 1,
    warnings: [],
  });
});
