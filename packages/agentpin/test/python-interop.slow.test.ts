import {
  capabilitiesHash,
  createChallenge,
  respondToChallenge,
  signAttestation,
  verifyAttestation,
  verifyChallengeResponse,
} from "@symbiont/agentpin";
import { MemoryReplayStore } from "@symbiont/kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nowWorld } from "./interop/now-world.ts";
import { installPython, startPython } from "./interop/python-reference.ts";
import type { ReferenceProcess } from "./interop/reference-process.ts";
import { AGENT, AUDIENCE, ISSUER, refused, said } from "./world.ts";

const why = installPython();
const capabilities = ["read:codebase", "write:report"];

describe.skipIf(why !== "")(`PyPI agentpin 0.3.0${why}`, () => {
  let python: ReferenceProcess;
  beforeAll(() => {
    python = startPython();
  });
  afterAll(() => python?.close());

  test("issues what we verify", async () => {
    const world = nowWorld();
    const verifier = world.verifier();
    for (let count = 0; count < 200; count += 1) {
      const constraints = count % 2 === 0 ? null : { rate_limit: "5/minute" };
      const about = [world.pem, "k1", ISSUER, AGENT, AUDIENCE, capabilities, constraints, 600];
      expect(said(await verifier.verify(await python.ask("issue", ...about)))).toBe("valid");
    }
  });

  test("verifies what we issue, and refuses with the same code what is wrong for both", async () => {
    const world = nowWorld();
    const verifier = world.verifier();
    const verdict = async (token: string) =>
      python.ask<{ valid: boolean; error_code: string }>(
        "verify",
        token,
        world.discovery,
        world.revocation,
        AUDIENCE,
      );
    for (let count = 0; count < 200; count += 1) {
      const token = world.token({ capabilities });
      expect(await verdict(token)).toMatchObject({ valid: true });
      expect(said(await verifier.verify(token))).toBe("valid");
    }
    for (const token of [
      world.token({ aud: "other.example" }),
      world.token({ capabilities: ["write:all"] }),
      world.token({ iat: world.now - 900, exp: world.now - 600 }),
      world.token({ sub: `${AGENT}2` }),
      `${world.token().slice(0, -6)}AAAAAA`,
    ]) {
      const { valid, error_code } = await verdict(token);
      expect(valid).toBe(false);
      expect(await verifier.verify(token)).toEqual(refused(error_code));
    }
  });

  test("and we read each other's attestations and challenges, and hash alike", async () => {
    const { key, pem, now } = nowWorld();
    const to = ["other.example", "urn:agentpin:other.example:x", capabilities] as const;
    const attestation = {
      domain: ISSUER,
      role: "maker",
      agentId: AGENT,
      delegateeDomain: to[0],
      delegateeAgentId: to[1],
      capabilities,
    } as const;
    const theirs = await python.ask<{ attestation: string }>(
      "attest",
      pem,
      "k1",
      ISSUER,
      "maker",
      AGENT,
      ...to,
    );
    expect(verifyAttestation(key.publicKey, theirs.attestation, attestation)).toBe(true);
    const ours = { ...theirs, attestation: signAttestation(key, attestation) };
    expect(await python.ask("attested", ours, key.publicKey.toPem(), ...to)).toBe(true);
    expect(await python.ask("attested", { ...ours, agent_id: "x" }, key.publicKey.toPem(), ...to)).toBe(
      false,
    );

    const sets = [[], ["read:a", "read:B", "read:_"], ["write:x", "read:y", "read:y"], ['read:"\\']];
    expect(await python.ask("hashes", sets)).toEqual(sets.map(capabilitiesHash));

    const challenge = createChallenge(now);
    const response = await python.ask("respond", challenge, pem, "k1");
    const credential = { kid: "k1", publicKey: key.publicKey };
    await verifyChallengeResponse(response, {
      challenge,
      credential,
      replay: new MemoryReplayStore(),
      now: Date.now() / 1000,
    });
    const asked = await python.ask<object>("challenge");
    const answered = respondToChallenge(asked, { key, kid: "k1", now: Date.now() / 1000 });
    expect(await python.ask("responded", answered, asked, key.publicKey.toPem())).toBe(true);
  });
});
