import { AgentPinError, parseDiscoveryDocument, parseRevocationDocument } from "@symbiont/agentpin";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { learn } from "./vector-world.ts";

/** The refusals that verification.json does not name, because a credential fails for them, or before them. */
const REFUSED: Readonly<Record<string, string>> = {
  deployer_key_without_kid: "schema",
  "deployer__disc-version-0.2": "version_unsupported",
  "deployer__disc-version-0.3": "version_unsupported",
  "deployer__disc-no-keys": "no_keys",
  "deployer__disc-depth-4": "depth_range",
  "deployer__disc-depth-negative": "depth_range",
  "deployer__disc-depth-missing": "schema",
  "deployer__disc-agents-missing": "schema",
  "deployer__disc-entity-type-unknown": "schema",
  "deployer__key-duplicate-kid": "duplicate_kid",
  "deployer__key-private-member": "private_key_published",
  "deployer__key-exp-garbage": "key_exp_unparseable",
  "deployer__key-exp-number": "key_exp_type",
  "deployer__agent-status-unknown": "schema",
  "rev__rev-empty-object": "revocation_invalid",
};

export const documents: VectorFile = (data, check) => {
  learn(data);
  for (const [name, document] of Object.entries<any>(data.documents)) {
    const read = () =>
      name.startsWith("rev")
        ? parseRevocationDocument(document, document.entity)
        : parseDiscoveryDocument(document, document.entity);
    const reason = REFUSED[name];
    check(`${name} is ${reason === undefined ? "read" : `refused: ${reason}`}`, () => {
      if (reason !== undefined) expect(read).toThrow(expect.objectContaining({ reason }));
      else expect(read().entity).toBe(document.entity);
    });
    check(`${name} is nobody else's`, () => {
      const foreign = () =>
        name.startsWith("rev")
          ? parseRevocationDocument(document, "bank.example")
          : parseDiscoveryDocument(document, "bank.example");
      expect(foreign).toThrow(AgentPinError);
    });
  }
};
