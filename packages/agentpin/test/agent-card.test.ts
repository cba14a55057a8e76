import { signAgentCard, verifyAgentCard } from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { expect, test } from "vitest";

const { privateKey: key, publicKey } = generateKeyPair("ES256");
const keys = new Map([["k1", publicKey]]);
const card = { name: "scout", url: "https://deployer.example/a2a", skills: [{ id: "read", tags: ["a"] }] };
const refusedFor = (reason: string) =>
  expect.objectContaining({ code: "AGENTPIN_CARD_INVALID", reason }) as Error;

test("a card is verified by the verifier's own key, in whatever order its members come", () => {
  const signed = signAgentCard(card, { key, kid: "k1" });
  const reordered = { signatures: signed["signatures"], skills: card.skills, url: card.url, name: card.name };
  expect(verifyAgentCard(JSON.parse(JSON.stringify(reordered)), keys)).toEqual({ card, kid: "k1" });
});

test("one of several signatures is enough, at a rotation", () => {
  const once = signAgentCard(card, { key: generateKeyPair("ES256").privateKey, kid: "old" });
  const twice = signAgentCard(once, { key, kid: "k1" });
  expect(verifyAgentCard(twice, keys).kid).toBe("k1");
});

test("a card that was changed, or signed by anybody else, is not verified", () => {
  const signed = signAgentCard(card, { key, kid: "k1" });
  expect(() => verifyAgentCard({ ...signed, url: "https://evil.example" }, keys)).toThrow(
    refusedFor("signature"),
  );
  expect(() => verifyAgentCard({ ...signed, extra: 1 }, keys)).toThrow(refusedFor("signature"));
  const attacker = generateKeyPair("ES256").privateKey;
  expect(() => verifyAgentCard(signAgentCard(card, { key: attacker, kid: "k1" }), keys)).toThrow(
    refusedFor("signature"),
  );
  expect(() => verifyAgentCard(signAgentCard(card, { key: attacker, kid: "k2" }), keys)).toThrow(
    refusedFor("no_trusted_key"),
  );
  expect(() => verifyAgentCard(card, keys)).toThrow(refusedFor("unsigned"));
});

test("a key that a card brings or points to has no say", () => {
  const attacker = generateKeyPair("ES256");
  const header = {
    alg: "ES256",
    jku: "https://evil.example/keys",
    jwk: attacker.publicKey.toJwk(),
    kid: "mine",
  };
  const signed: any = signAgentCard(card, { key: attacker.privateKey, kid: "mine" });
  signed.signatures[0].protected = Buffer.from(JSON.stringify(header)).toString("base64url");
  expect(() => verifyAgentCard(signed, keys)).toThrow(refusedFor("no_trusted_key"));
});

test.each<unknown>([
  null,
  [],
  "x",
  { signatures: [null] },
  { signatures: [{ protected: "x", signature: "x" }] },
  { signatures: Array.from({ length: 17 }, () => ({})) },
])("%j is no card", (value) => {
  expect(() => verifyAgentCard(value, keys)).toThrow(refusedFor("card"));
});
