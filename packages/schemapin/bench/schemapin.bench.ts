import { createHash, createPublicKey, createVerify, verify } from "node:crypto";
import { canonicalJson, type ToolDefinition } from "@symbiont/kit";
import { canonicalize, MemoryPinStore, signSchema, verifySchema } from "@symbiont/schemapin";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { discoveryOf, domain, key, readFile, signed, verifierOf } from "../test/fixtures.ts";

const { signature } = signSchema(readFile, key);
const { text } = canonicalize(readFile);
const schema = JSON.stringify(readFile);
const der = Buffer.from(signature, "base64");
const keyObject = createPublicKey(key.publicKey.toPem());
const pins = new MemoryPinStore();
const options = {
  signature,
  domain,
  toolId: "t",
  discovery: discoveryOf(key),
  pins,
  firstUse: "trust" as const,
};
const floor = (): boolean => verify("sha256", createHash("sha256").update(text).digest(), keyObject, der);

/** The calls that SchemaPin's implementation in JavaScript makes to verify a schema; it is not on npm. */
function plainVerify(): boolean {
  const publicKey = key.publicKey.toPem();
  const spki = createPublicKey(publicKey).export({ type: "spki", format: "der" });
  const fingerprint = `sha256:${createHash("sha256").update(spki).digest("hex")}`;
  const canonical = JSON.stringify(withSortedNames(JSON.parse(schema)));
  const digest = createHash("sha256").update(canonical).digest();
  const isValid = createVerify("SHA256").update(digest).verify(publicKey, Buffer.from(signature, "base64"));
  return isValid && fingerprint === key.publicKey.fingerprint;
}

function withSortedNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedNames);
  if (typeof value !== "object" || value === null) return value;
  const members = value as Readonly<Record<string, unknown>>;
  const sorted: Record<string, unknown> = {};
  for (const name of Object.keys(members).sort()) sorted[name] = withSortedNames(members[name]);
  return sorted;
}

const list: ToolDefinition[] = Array.from({ length: 200 }, (_, index) =>
  signed({ ...readFile, name: `tool_${index}` }),
);
const { verifier } = verifierOf();

export const benches: readonly Bench[] = [
  {
    name: "verify one tool",
    ours: async () => verifySchema(schema, options),
    floor,
    floorName: "SHA-256 and ECDSA verify of the canonical text",
    maxFloorRatio: 1.3,
    peer: plainVerify,
    peerName: "the calls of SchemaPin's implementation in JavaScript",
    minPeerRatio: 2,
  },
  {
    name: "admit a list of 200 tools that was never seen",
    ours: async () => verifierOf().verifier.admit(list, "files"),
    floor: () => list.map(floor),
    floorName: "200 times SHA-256 and ECDSA verify",
    maxFloorRatio: 1.5,
  },
  {
    name: "admit the same list of 200 tools again",
    ours: async () => verifier.admit(list, "files"),
    floor: () => list.map((tool) => canonicalJson({ ...tool, _meta: null })),
    floorName: "writing its 200 tools as canonical JSON",
  },
];
