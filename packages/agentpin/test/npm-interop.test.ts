import {
  AgentPinError,
  CredentialIssuer,
  createChallenge,
  exportPins,
  importPins,
  MemoryPinStore,
  parseDiscoveryDocument,
  respondToChallenge,
  signAttestation,
  verifyAttestation,
  verifyChallengeResponse,
} from "@symbiont/agentpin";
import { MemoryReplayStore } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { nowWorld } from "./interop/now-world.ts";
import { oracle } from "./oracle.ts";
import { AGENT, AUDIENCE, ISSUER, refused, said } from "./world.ts";

const capabilities = ["read:codebase", "write:report"];

describe("npm agentpin 0.3.0", () => {
  test("issues what we verify", async () => {
    const world = nowWorld();
    const verifier = world.verifier();
    for (let count = 0; count < 20; count += 1) {
      const constraints = count % 2 === 0 ? null : { rate_limit: "5/minute" };
      const token = oracle.issueCredential(
        world.pem,
        "k1",
        ISSUER,
        AGENT,
        AUDIENCE,
        capabilities,
        constraints,
        null,
        600,
      );
      expect(said(await verifier.verify(token))).toBe("valid");
    }
  });

  test("verifies what we issue, and pins what we pin", async () => {
    const world = nowWorld();
    const { discovery, revocation, key, clock } = world;
    const issuer = new CredentialIssuer({
      key,
      kid: "k1",
      discovery: parseDiscoveryDocument(discovery, ISSUER),
      clock,
    });
    const pins = new oracle.KeyPinStore();
    const store = new MemoryPinStore();
    for (let count = 0; count < 20; count += 1) {
      const token = issuer.issue({ agentId: AGENT, audience: AUDIENCE, capabilities });
      expect(oracle.verifyCredentialOffline(token, discovery, revocation, pins, AUDIENCE)).toMatchObject({
        valid: true,
      });
      expect(said(await world.verifier({ pins: { store } }).verify(token))).toBe("valid");
    }
    const theirs = importPins(pins.toJson())[0]?.keys[0];
    expect(store.get(ISSUER)?.keys[0]).toMatchObject({ kid: theirs?.kid, thumbprint: theirs?.thumbprint });
    expect(JSON.parse(exportPins(store.list()))[0]).toMatchObject({ domain: ISSUER });
  });

  test("refuses with the same code what is wrong for both", async () => {
    const world = nowWorld();
    const { discovery, revocation } = world;
    const wrong = [
      world.token({ aud: "other.example" }),
      world.token({ capabilities: ["write:all"] }),
      world.token({ iat: world.now - 900, exp: world.now - 600 }),
      world.token({ sub: `${AGENT}2` }),
      world.token({}, { kid: "k2" }),
      `${world.token().slice(0, -6)}AAAAAA`,
      "x",
    ];
    for (const token of wrong) {
      const theirs = oracle.verifyCredentialOffline(
        token,
        discovery,
        revocation,
        new oracle.KeyPinStore(),
        AUDIENCE,
      );
      expect(theirs.valid).toBe(false);
      expect(await world.verifier().verify(token)).toEqual(refused(String(theirs.error_code)));
    }
  });

  test("and we read each other's attestations", () => {
    const { key, pem } = nowWorld();
    const theirs = oracle.createAttestation(
      pem,
      "k1",
      ISSUER,
      "maker",
      AGENT,
      "other.example",
      "urn:agentpin:other.example:x",
      capabilities.map((text) => new oracle.Capability(text)),
    );
    const attestation = {
      domain: ISSUER,
      role: "maker",
      agentId: AGENT,
      delegateeDomain: "other.example",
      delegateeAgentId: "urn:agentpin:other.example:x",
      capabilities,
    } as const;
    expect(verifyAttestation(key.publicKey, theirs.attestation, attestation)).toBe(true);
    const ours = { ...theirs, attestation: signAttestation(key, attestation) };
    const listed = capabilities.map((text) => new oracle.Capability(text));
    const read = (document: object) => () =>
      oracle.verifyAttestation(
        document,
        key.publicKey.toPem(),
        "other.example",
        "urn:agentpin:other.example:x",
        listed,
      );
    expect(read(ours)).not.toThrow();
    expect(read({ ...ours, domain: "x.example" })).toThrow();
  });

  test("and we answer each other's challenges, ours only when they are safe", async () => {
    const { key, pem, now, clock } = nowWorld();
    const credential = { kid: "k1", publicKey: key.publicKey };
    const challenge = createChallenge(now);
    const theirs = oracle.createResponse(challenge, pem, "k1");
    const replay = new MemoryReplayStore({ now: clock.now });
    await verifyChallengeResponse(theirs, { challenge, credential, replay, now });
    const asked = oracle.createChallenge();
    const ours = respondToChallenge(asked, { key, kid: "k1", now: Date.now() / 1000 });
    expect(oracle.verifyResponse(ours, asked, key.publicKey.toPem())).toBe(true);
    const token = { ...asked, nonce: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0" };
    expect(() => respondToChallenge(token, { key, kid: "k1", now: Date.now() / 1000 })).toThrow(
      AgentPinError,
    );
  });

  test("reads documents that we build", () => {
    const { discovery } = nowWorld();
    expect(() => oracle.validateDiscoveryDocument(discovery, ISSUER)).not.toThrow();
  });
});
