import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import {
  AgentPinVerifier,
  CredentialIssuer,
  OfflineVerifier,
  parseDiscoveryDocument,
  StaticDocuments,
} from "@symbiont/agentpin";
import { exportPrivateKeyPem } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { oracle } from "../test/oracle.ts";
import { AGENT, AUDIENCE, ISSUER, World } from "../test/world.ts";

const peerName = "agentpin 0.3.0";
const world = new World();
world.now = Math.floor(Date.now() / 1000);
const { discovery, revocation, key, clock } = world;
discovery.agents[0].constraints = { rate_limit: "100/hour", data_classification_max: "confidential" };
// The peer takes absent lists for revoked credentials.
Object.assign(revocation, { revoked_credentials: [], revoked_agents: [], revoked_keys: [] });
const pins = new oracle.KeyPinStore();
const documents = new StaticDocuments([{ issuer: ISSUER, discovery, revocation }]);

// Fresh texts each time: a string that was hashed once would flatter the cache.
const tokens = Array.from({ length: 256 }, () =>
  world.token({ capabilities: ["read:codebase", "write:report"] }),
);
let turn = 0;
const next = (): string => tokens[(turn += 1) % tokens.length] as string;
const fresh = (): string => Buffer.from(next(), "latin1").toString("latin1");

const offline = new OfflineVerifier({ audience: AUDIENCE, documents, clock });
const online = { audience: AUDIENCE, trust: { issuers: [ISSUER] }, documents, clock };
const cached = new AgentPinVerifier({ ...online, resultCacheSize: 1_000 });
for (const token of tokens) await cached.verify(token);

// The engine compiles what is called often; the floors are compiled from the beginning.
for (let round = 0; round < 5_000; round += 1) offline.verify(next());

const publicKey = createPublicKey(key.publicKey.toPem());
const signed = new Map(
  tokens.map((token) => {
    const cut = token.lastIndexOf(".");
    return [
      token,
      { input: Buffer.from(token.slice(0, cut)), der: Buffer.from(token.slice(cut + 1), "base64url") },
    ];
  }),
);
/** What any verifier has to do: take the credential apart, read both parts, and verify what was signed. */
const leastVerify = (): boolean => {
  const [header = "", payload = "", signature = ""] = next().split(".");
  JSON.parse(Buffer.from(header, "base64url").toString());
  JSON.parse(Buffer.from(payload, "base64url").toString());
  const der = Buffer.from(signature, "base64url");
  return verify("sha256", Buffer.from(`${header}.${payload}`, "latin1"), publicKey, der);
};
const bareVerify = (): boolean => {
  const { input, der } = signed.get(next()) as { input: Buffer; der: Buffer };
  return verify("sha256", input, publicKey, der);
};

const pem = exportPrivateKeyPem(key);
const privateKey = createPrivateKey(pem);
const issuer = new CredentialIssuer({ key, kid: "k1", discovery: parseDiscoveryDocument(discovery, ISSUER) });
const input = Buffer.from(tokens[0]?.slice(0, tokens[0].lastIndexOf(".")) ?? "");
const replay = new MemoryReplayStore({ capacity: 10_000_000, now: () => Date.now() });
let used = 0;

export const benches: readonly Bench[] = [
  {
    name: "verify a credential offline, all steps",
    ours: () => offline.verify(next()).valid || fail(),
    floor: bareVerify,
    floorName: "crypto.verify of the signature, key object kept",
    maxFloorRatio: 1.15,
  },
  {
    name: "verify a credential offline, beside the least there is to do",
    ours: () => offline.verify(next()).valid || fail(),
    floor: leastVerify,
    floorName: "split, base64url, JSON.parse, crypto.verify, and no check",
    maxFloorRatio: 1.15,
  },
  {
    // Apart from the floor: what the peer leaves behind for the garbage collector is collected in others' time.
    name: "verify a credential offline, beside the peer",
    ours: () => offline.verify(next()).valid || fail(),
    floor: bareVerify,
    floorName: "crypto.verify of the signature, key object kept",
    peer: () => oracle.verifyCredentialOffline(next(), discovery, revocation, pins, AUDIENCE).valid || fail(),
    peerName,
    minPeerRatio: 4,
  },
  {
    name: "verify a repeated credential, result remembered",
    ours: async () => (await cached.verify(fresh())).valid || fail(),
    floor: () => fresh().length,
    floorName: "making the text, which is no part of verifying it",
    peer: () => oracle.verifyCredentialOffline(fresh(), discovery, revocation, pins, AUDIENCE),
    peerName,
  },
  {
    name: "issue a credential",
    ours: () => issuer.issue({ agentId: AGENT, audience: AUDIENCE, capabilities: ["read:codebase"] }),
    floor: () => sign("sha256", input, privateKey),
    floorName: "crypto.sign of the same text, key object kept",
    peer: () =>
      oracle.issueCredential(pem, "k1", ISSUER, AGENT, AUDIENCE, ["read:codebase"], null, null, 3600),
    peerName,
    minPeerRatio: 12,
  },
  {
    name: "remember a used credential",
    ours: () => replay.putIfAbsent(`${ISSUER}|${(used += 1)}`, 1_000),
    floor: () => signed.has(`${ISSUER}|${(used += 1)}`),
    floorName: "Map.has of such a key",
  },
];

function fail(): never {
  throw new Error("a sound credential was refused");
}
