import type { HttpGuardOptions } from "@symbiont/adapters/fetch";
import {
  AgentPinVerifier,
  agentPinIdentity,
  authorizationOf,
  buildDiscoveryDocument,
  buildRevocationDocument,
  CredentialIssuer,
  parseDiscoveryDocument,
  StaticDocuments,
} from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { createClientAddress } from "@symbiont/net";
import { afterEach, describe, expect, test } from "vitest";
import { get, type Running, servers } from "./servers.ts";

const domain = "deployer.example";
const agentId = `urn:agentpin:${domain}:scout`;
const audience = "verifier.example";
const { privateKey: key, publicKey } = generateKeyPair("ES256");
const discovery = buildDiscoveryDocument({
  issuer: domain,
  entityType: "deployer",
  keys: [{ kid: "k1", publicKey }],
  agents: [{ agentId, name: "scout", capabilities: ["read:*"] }],
});
const issuer = new CredentialIssuer({ key, kid: "k1", discovery: parseDiscoveryDocument(discovery, domain) });
const token = (more: object = {}) =>
  issuer.issue({ agentId, audience, capabilities: ["read:code"], ...more });

/** A guard that lets agents of the domain in, and the documents that it knows them by. */
function guarded(): { options: HttpGuardOptions; documents: StaticDocuments } {
  const revocation = buildRevocationDocument({ issuer: domain });
  const documents = new StaticDocuments([{ issuer: domain, discovery, revocation }]);
  const verifier = new AgentPinVerifier({
    audience,
    trust: { issuers: [domain] },
    documents,
    resultCacheSize: 10,
  });
  const options: HttpGuardOptions = {
    clientAddress: createClientAddress(),
    addressLimit: "unlimited",
    identity: { verifier: agentPinIdentity(verifier), audience, scheme: "AgentPin" },
  };
  return { options, documents };
}

let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

describe.each(Object.entries(servers))("%s", (_, start) => {
  test("knows the agent by its credential, until that is revoked", async () => {
    const { options, documents } = guarded();
    running = await start(options);
    const authorization = authorizationOf(token());
    expect(await get(running, { authorization })).toMatchObject({ status: 200, body: `hello ${agentId}` });
    expect(
      await get(running, { authorization: authorization.replace("AgentPin", "agentpin") }),
    ).toMatchObject({
      status: 200,
    });
    const revoked = [{ id: agentId, reason: "policy_violation", revokedAt: 0 }] as const;
    documents.set({
      issuer: domain,
      discovery,
      revocation: buildRevocationDocument({ issuer: domain, agents: revoked }),
    });
    expect(await get(running, { authorization })).toMatchObject({ status: 401 });
  });

  test.each<[string, () => Record<string, string | string[]>]>([
    ["no credential", () => ({})],
    ["another scheme", () => ({ authorization: `Bearer ${token()}` })],
    ["two spaces", () => ({ authorization: `AgentPin  ${token()}` })],
    ["two credentials", () => ({ authorization: `AgentPin ${token()}, AgentPin ${token()}` })],
    ["two lines", () => ({ authorization: [authorizationOf(token()), authorizationOf(token())] })],
    ["another audience", () => ({ authorization: authorizationOf(token({ audience: "other.example" })) })],
    ["a forged one", () => ({ authorization: `${authorizationOf(token()).slice(0, -4)}AAAA` })],
  ])("answers %s with the same 401", async (_name, headers) => {
    running = await start(guarded().options);
    const { status, headers: given, body } = await get(running, headers());
    expect(status).toBe(401);
    expect(given["www-authenticate"]).toBe("AgentPin");
    expect(JSON.parse(body)).toMatchObject({ title: "a valid credential is required" });
  });

  test("answers with 503 while the issuer's documents cannot be asked for", async () => {
    const documents = { peek: () => undefined, lookUp: async () => Promise.reject(new Error("down")) };
    const verifier = new AgentPinVerifier({ audience, trust: { issuers: [domain] }, documents });
    const identity = { verifier: agentPinIdentity(verifier), audience, scheme: "AgentPin" };
    running = await start({ ...guarded().options, identity });
    expect((await get(running, { authorization: authorizationOf(token()) })).status).toBe(503);
  });
});
