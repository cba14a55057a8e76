import { type Attestation, attestationText, isDepthAllowed, verifyAttestation } from "@symbiont/agentpin";
import { importPublicKeyPem } from "@symbiont/keys";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { namedDocuments, namedKeys, outcomeOf, VectorWorld, verifierIn } from "./vector-world.ts";

const attestationOf = (input: any): Attestation => ({
  domain: input.domain,
  role: input.role,
  agentId: input.agent_id,
  delegateeDomain: input.delegatee_domain,
  delegateeAgentId: input.delegatee_agent_id,
  capabilities: input.capabilities,
});

export const delegation: VectorFile = (data, check) => {
  for (const one of data.cases) {
    const name = `${one.op} ${one.id ?? one.why ?? one.note ?? JSON.stringify(one.max_depths ?? "")}`;
    if (one.op === "canonical_input") {
      check(name, () => expect(attestationText(attestationOf(one.input))).toBe(one.expect));
    } else if (one.op === "canonical_input_collision") {
      check(name, () => {
        for (const input of [one.a, one.b])
          expect(() => attestationText(attestationOf(input))).toThrow(
            expect.objectContaining({ reason: "attestation_field" }),
          );
      });
    } else if (one.op === "verify_attestation") {
      check(name, () => {
        const kid = one.id === "wrong-key" ? "attacker-2026-01" : one.public_key;
        const key = importPublicKeyPem(namedKeys.get(kid).public_key_pem);
        const attestation = attestationOf({ ...one.attestation, ...one });
        expect(
          verifyAttestation(key, one.attestation.attestation, {
            ...attestation,
            agentId: one.attestation.agent_id,
            domain: one.attestation.domain,
            role: one.attestation.role,
          }),
        ).toBe(one.expect === "VALID");
      });
    } else if (one.op === "chain_depth") {
      check(name, () => expect(isDepthAllowed(one.chain_len, one.max_depths)).toBe(one.expect === "VALID"));
    } else {
      check(name, async () => {
        expect(one.op).toBe("full_chain");
        const document = namedDocuments[one.discovery];
        const world = new VectorWorld(document, { ...namedDocuments["rev_empty"], entity: document.entity });
        for (const party of one.needs) world.others.set(`${party}.example`, namedDocuments[party]);
        const { verifier } = verifierIn(world, { now: () => one.now ?? 1_772_366_400 });
        expect(outcomeOf(await verifier.verify(one.jwt), one.expect)).toEqual(one.expect);
      });
    }
  }
};
