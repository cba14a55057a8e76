import { inspect } from "node:util";
import {
  buildDiscoveryDocument,
  CredentialIssuer,
  importPins,
  parseDiscoveryDocument,
  parseRevocationDocument,
  parseTxtRecord,
  refusalError,
  respondToChallenge,
  StatelessNonces,
  TrustBundle,
  verifyAgentCard,
} from "@symbiont/agentpin";
import { exportPrivateKeyJwk, exportPrivateKeyPem } from "@symbiont/keys";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AUDIENCE, ISSUER, World } from "./world.ts";

const MARK = "c0ffee-marker-c0ffee";

/** Everything that an error shows of itself. */
function shown(error: unknown): string {
  const { message, stack, cause } = error as Error;
  return [
    message,
    stack,
    JSON.stringify(error),
    inspect(error, { depth: 9 }),
    inspect(cause, { depth: 9 }),
  ].join("\n");
}

test("no error repeats what it was given", () => {
  const world = new World();
  const documents = fc.constantFrom<object>(
    { ...world.discovery, public_keys: MARK },
    { ...world.discovery, entity_type: MARK },
    { ...world.discovery, public_keys: [{ kid: MARK, kty: MARK, exp: MARK }] },
    { ...world.discovery, public_keys: [{ kid: "k", d: MARK }] },
    { ...world.discovery, agents: [{ agent_id: MARK, status: MARK }] },
    { ...world.discovery, agentpin_version: MARK },
    { entity: MARK },
  );
  const readers: ((document: object) => unknown)[] = [
    (document) => parseDiscoveryDocument(document, ISSUER),
    (document) => parseRevocationDocument(document, ISSUER),
    (document) =>
      TrustBundle.from({ agentpin_bundle_version: "0.1", created_at: MARK, documents: [document] }),
    (document) => importPins(JSON.stringify([document])),
    (document) => importPins(`${JSON.stringify(document)}${MARK}`),
    (document) => parseTxtRecord(JSON.stringify(document)),
    (document) => verifyAgentCard({ signatures: [document] }, new Map()),
    (document) => respondToChallenge({ ...document, type: MARK }, { key: world.key, kid: "k1", now: 0 }),
  ];
  let refusals = 0;
  fc.assert(
    fc.property(documents, fc.constantFrom(...readers), (document, read) => {
      try {
        read(document);
      } catch (error) {
        refusals += 1;
        expect(shown(error)).not.toContain(MARK);
      }
    }),
  );
  expect(refusals).toBeGreaterThan(20);
});

test("no result or error repeats a credential, and nothing shows a key", async () => {
  const world = new World();
  const verifier = world.verifier();
  const { d } = exportPrivateKeyJwk(world.key);
  const pem = exportPrivateKeyPem(world.key);
  for (const claims of [
    { aud: MARK },
    { capabilities: [MARK] },
    { sub: MARK },
    { iss: MARK },
    { jti: MARK, exp: 1 },
  ]) {
    const token = world.token(claims);
    const result = await verifier.verify(token);
    if (result.valid) throw new Error("valid");
    for (const text of [inspect(result, { depth: 9 }), shown(refusalError(result))]) {
      expect(text).not.toContain(MARK);
      expect(text).not.toContain(token.slice(-40));
    }
  }
  const discovery = buildDiscoveryDocument({
    issuer: ISSUER,
    entityType: "both",
    keys: [{ kid: "k1", publicKey: world.key.publicKey }],
    agents: [],
  });
  const issuer = new CredentialIssuer({
    key: world.key,
    kid: "k1",
    discovery: parseDiscoveryDocument(discovery, ISSUER),
  });
  const nonces = new StatelessNonces(new TextEncoder().encode(`${MARK}${MARK}`));
  let error: unknown;
  try {
    issuer.issue({ agentId: MARK, audience: AUDIENCE, capabilities: [] });
  } catch (thrown) {
    error = thrown;
  }
  for (const text of [
    shown(error),
    inspect(issuer, { depth: 9 }),
    inspect(nonces, { depth: 9 }),
    JSON.stringify(issuer),
  ]) {
    expect(text).not.toContain(MARK);
    expect(text).not.toContain(d);
    expect(text).not.toContain(pem.slice(30, 60));
  }
});
