import {
  credentialFromAuthorization,
  discoveryUrl,
  findTxtRecords,
  parseDiscoveryDocument,
  parseTxtRecord,
  verifyAgentPinCard,
} from "@symbiont/agentpin";
import { generateKeyPair, sign } from "@symbiont/keys";
import { expect, test } from "vitest";
import { ISSUER, jwkOf, World } from "./world.ts";

test("26 a header has the scheme in any case, one space, and one token", () => {
  for (const scheme of ["AgentPin", "agentpin", "AGENTPIN"])
    expect(credentialFromAuthorization(`${scheme} a.b.c`)).toBe("a.b.c");
  for (const header of [
    "AgentPin  a.b.c",
    "AgentPin a.b.c ",
    "AgentPin\ta.b.c",
    " AgentPin a.b.c",
    "AgentPin a.b.c, AgentPin d.e.f",
    "AgentPin a.b",
    "AgentPin a.b.c.d",
    "Bearer a.b.c",
    "AgentPin a.b.c\n",
    `AgentPin a.b.${"c".repeat(10_000)}`,
    undefined,
    ["AgentPin a.b.c"],
  ])
    expect(credentialFromAuthorization(header)).toBeUndefined();
});

test("27 TXT records have whole fingerprints, each field once, and all of them must match", () => {
  const fingerprint = `sha256:${"a".repeat(64)}`;
  for (const text of [
    "v=agentpin1; fp=sha256:aa",
    `v=agentpin1; fp=${fingerprint}a`,
    `v=agentpin1; fp=${fingerprint}; fp=${fingerprint}`,
    `v=agentpin1; v=agentpin1; fp=${fingerprint}`,
    `fp=${fingerprint}`,
    "v=agentpin1; fp",
    `v=agentpin1; fp=md5:${"a".repeat(64)}`,
    `v=agentpin1; fp=${fingerprint};${" ".repeat(5_000)}`,
  ])
    expect(() => parseTxtRecord(text)).toThrow(
      expect.objectContaining({ code: "AGENTPIN_TXT_RECORD_INVALID" }),
    );
  // One bad record is not outvoted by a good one.
  expect(() => findTxtRecords([[`v=agentpin1; fp=${fingerprint}`], ["v=agentpin1"]])).toThrow();
  expect(findTxtRecords([["v=spf1 -all"], [`v=agentpin1; fp=${fingerprint}`]])).toHaveLength(1);
});

test("28 a card says nothing about its own domain and key", () => {
  const world = new World();
  const discovery = parseDiscoveryDocument(world.discovery, ISSUER);
  const content = { name: "scout", url: `https://${ISSUER}/a2a` };
  const signature = (key = world.key) =>
    Buffer.from(sign(key, '{"name":"scout","url":"https://deployer.example/a2a"}')).toString("base64");
  const member = {
    agentpin_endpoint: discoveryUrl(ISSUER),
    public_key_jwk: jwkOf(world.key, "k1"),
    signature: signature(),
  };
  expect(verifyAgentPinCard({ ...content, agentpin: member }, discovery)).toEqual(content);
  const attacker = generateKeyPair("ES256").privateKey;
  for (const [change, reason] of [
    [{ agentpin_endpoint: "https://evil.example/.well-known/agent-identity.json" }, "endpoint"],
    [{ public_key_jwk: jwkOf(attacker, "k1"), signature: signature(attacker) }, "key"],
    [{ public_key_jwk: jwkOf(attacker, "attacker"), signature: signature(attacker) }, "key"],
    [{ signature: signature(attacker) }, "signature"],
    [{ signature: "!" }, "signature"],
  ] as const) {
    const card = { ...content, agentpin: { ...member, ...change } };
    expect(() => verifyAgentPinCard(card, discovery)).toThrow(expect.objectContaining({ reason }));
  }
});
