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
import { exchangeCredentials } from "./interop/exchange-credentials.ts";
import { nowWorld } from "./interop/now-world.ts";
import { installPython, startPython } from "./interop/python-reference.ts";
import type { ReferenceProcess } from "./interop/reference-process.ts";
import { AGENT, ISSUER } from "./world.ts";

const why = installPython();
const capabilities = ["read:codebase", "write:report"];

describe.skipIf(why !== "")(`PyPI agentpin 0.3.0${why}`, () => {
  let python: ReferenceProcess;
  beforeAll(() => {
    python = startPython();
  });
  afterAll(() => python?.close());

  exchangeCredentials(() => python);

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
