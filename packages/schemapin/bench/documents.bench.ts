import { createHash, createPublicKey, verify } from "node:crypto";
import { generateKeyPair } from "@symbiont/keys";
import { MemoryTrustLedger, StaticResolver, signTrustBundle, verifyTrustBundle } from "@symbiont/schemapin";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { discoveryOf, domain, key, readFile, signed, verifierOf } from "../test/fixtures.ts";

const authority = generateKeyPair("ES256").privateKey;
const documents = Array.from({ length: 100 }, (_, index) => ({
  ...discoveryOf(key),
  domain: `publisher-${index}.example`,
  developer_name: "Publisher",
}));
const text = signTrustBundle({ documents }, { key: authority, kid: "authority" });
const options = {
  authorities: new Map([["authority", authority.publicKey.fingerprint]]),
  ledger: new MemoryTrustLedger(),
};
const der = Buffer.from((JSON.parse(text) as { signature: string }).signature, "base64");
const authorityKey = createPublicKey(authority.publicKey.toPem());

const resolver = new StaticResolver({ domain, discovery: discoveryOf(key) });
const { verifier } = verifierOf({ servers: new Map([["files", { domain, resolver }]]) });
await verifier.admit([signed(readFile)], "files");

export const benches: readonly Bench[] = [
  {
    name: "verify a trust bundle of 100 documents",
    ours: async () => verifyTrustBundle(text, options),
    floor: () => {
      JSON.parse(text);
      return verify("sha256", Buffer.from(text), authorityKey, der);
    },
    floorName: "JSON.parse and ECDSA verify of the text",
  },
  {
    name: "look at an admitted tool before a call, its key not revoked",
    ours: async () => verifier.check("read_file", "files"),
    floor: () => createHash("sha256").update("read_file").digest(),
    floorName: "one SHA-256 of its name",
  },
];
