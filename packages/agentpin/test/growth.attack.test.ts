import {
  capabilityMatches,
  credentialFromAuthorization,
  domainMatches,
  importPins,
  isIssuerName,
  OfflineVerifier,
  parseDiscoveryDocument,
  parseRevocationDocument,
  parseTxtRecord,
  StaticDocuments,
} from "@symbiont/agentpin";
import { expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";
import { AUDIENCE, ISSUER, World } from "./world.ts";

const sizes = [2_000, 8_000, 32_000, 128_000];
const quietly = (run: () => unknown): void => {
  try {
    run();
  } catch {
    // What is refused must be refused in time, too.
  }
};
const world = new World();
const { discovery, revocation, clock } = world;
const documents = new StaticDocuments([{ issuer: ISSUER, discovery, revocation }]);
const verifier = new OfflineVerifier({ audience: AUDIENCE, documents, clock });
const agent = discovery.agents[0];

test.each<[string, (size: number) => unknown, (input: any) => unknown]>([
  ["a token of dots", (size) => ".".repeat(size), (token) => verifier.verify(token)],
  ["a token of letters", (size) => `${"A".repeat(size)}.A.A`, (token) => verifier.verify(token)],
  [
    "a capability of dots",
    (size) => `read:${".a".repeat(size)}`,
    (text) => capabilityMatches("read:a", text),
  ],
  [
    "a capability that almost ends well",
    (size) => `read:${"a.".repeat(size)}`,
    (text) => capabilityMatches(text, text),
  ],
  ["a domain pattern", (size) => "a.".repeat(size), (text) => domainMatches(text, text)],
  ["an issuer", (size) => "a.".repeat(size), isIssuerName],
  ["a TXT record", (size) => "a=b;".repeat(size), parseTxtRecord],
  ["an Authorization header", (size) => `AgentPin ${"a".repeat(size)}`, credentialFromAuthorization],
  [
    "a revocation list",
    (size) => ({
      ...revocation,
      revoked_credentials: Array.from({ length: size / 2 }, (_, jti) => ({ jti: String(jti) })),
    }),
    (list) => parseRevocationDocument(list, ISSUER),
  ],
  [
    "a list of agents",
    (size) => ({
      ...discovery,
      agents: Array.from({ length: size / 16 }, (_, at) => ({
        ...agent,
        agent_id: `${agent.agent_id}${at}`,
      })),
    }),
    (document) => parseDiscoveryDocument(document, ISSUER),
  ],
  [
    "a pin file",
    (size) =>
      JSON.stringify(
        Array.from({ length: size / 8 }, (_, at) => ({ domain: `a${at}.example`, pinned_keys: [] })),
      ),
    importPins,
  ],
])("%s takes nearly linear time", (_, build, run) => {
  expect(growthExponent(sizes, build, (input) => quietly(() => run(input)))).toBeLessThan(1.5);
});

test("capabilities are looked up in time that does not grow with their number", () => {
  const exponent = growthExponent(
    [100, 1_000],
    (count) => {
      const own = new World();
      own.discovery.agents[0].capabilities = Array.from({ length: count }, (_, at) => `read:a${at}`);
      const held = new StaticDocuments([
        { issuer: ISSUER, discovery: own.discovery, revocation: own.revocation },
      ]);
      const token = own.token({ capabilities: ["read:a99.b.c"] });
      return { judge: new OfflineVerifier({ audience: AUDIENCE, documents: held, clock }), token };
    },
    ({ judge, token }) => {
      for (let round = 0; round < 20; round += 1) expect(judge.verify(token).valid).toBe(true);
    },
    0.3,
  );
  expect(exponent).toBeLessThan(0.5);
});
