import { createProof, DpopProofs, StatelessNonces } from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import { expect, test } from "vitest";
import { refused, START, said, World } from "./world.ts";

const method = "POST";
const url = "https://verifier.example/run";

/** A verifier that checks proofs, and a credential that is bound to a key. */
function bound(options: object = {}, verifierOptions: object = {}) {
  const world = new World();
  const { privateKey: key, publicKey } = generateKeyPair("ES256");
  const credential = world.token({ cnf: { jkt: publicKey.thumbprint } });
  const proofs = new DpopProofs({ replay: new MemoryReplayStore({ now: world.clock.now }), ...options });
  const verifier = world.verifier({ proofs, ...verifierOptions });
  const prove = (more: object = {}) => createProof({ key, method, url, credential, now: world.now, ...more });
  const present = async (jwt: unknown, more: object = {}) =>
    verifier.verify(credential, { proof: { jwt, method, url, ...more } });
  return { world, key, credential, verifier, prove, present };
}

test("a bound credential needs a proof, and each proof is for one request", async () => {
  const { credential, verifier, prove, present } = bound();
  expect(await verifier.verify(credential)).toEqual(refused("SIGNATURE_INVALID", "proof_missing"));
  const proof = prove();
  expect(await present(proof)).toMatchObject({ valid: true, warnings: [] });
  expect(await present(proof)).toEqual(refused("SIGNATURE_INVALID", "proof_replayed"));
  expect(said(await present(prove({ url: `${url}?query#fragment` })))).toBe("valid");
});

test("a remembered credential needs a proof every time", async () => {
  const { credential, verifier, prove, present } = bound({}, { resultCacheSize: 10 });
  expect(said(await present(prove()))).toBe("valid");
  expect(await verifier.verify(credential)).toEqual(refused("SIGNATURE_INVALID", "proof_missing"));
  expect(said(await present(prove()))).toBe("valid");
});

test.each<[string, (prove: ReturnType<typeof bound>["prove"]) => string, object, string]>([
  ["for another method", (prove) => prove({ method: "GET" }), {}, "method"],
  ["for another address", (prove) => prove({ url: "https://other.example/run" }), {}, "url"],
  ["for another credential", (prove) => prove({ credential: "x" }), {}, "credential"],
  ["with another key", (prove) => prove({ key: generateKeyPair("ES256").privateKey }), {}, "key"],
  ["of an hour ago", (prove) => prove({ now: START - 3_600 }), {}, "time"],
  ["of tomorrow", (prove) => prove({ now: START + 86_400 }), {}, "time"],
  ["cut short", (prove) => prove().slice(0, -22), {}, "signature"],
  ["that is none", () => "a.b.c", {}, "malformed"],
  ["for no address", (prove) => prove(), { url: "nowhere" }, "url"],
])("a proof %s proves nothing", async (_, make, more, reason) => {
  const { prove, present } = bound();
  expect(await present(make(prove), more)).toEqual(refused("SIGNATURE_INVALID", `proof_${reason}`));
});

test("a proof with a private key in it proves nothing", async () => {
  const { key, prove, present } = bound();
  const [, payload, signature] = prove().split(".");
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: { ...key.publicKey.toJwk(), d: "x" } };
  const forged = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}.${signature}`;
  expect(await present(forged)).toEqual(refused("SIGNATURE_INVALID", "proof_malformed"));
});

test("credentials may have to be bound, and a binding that is not understood refuses", async () => {
  const { world, verifier } = bound({ mode: "require" });
  expect(await verifier.verify(world.token())).toEqual(refused("SIGNATURE_INVALID", "proof_unbound"));
  expect(await verifier.verify(world.token({ cnf: { x5t: "x" } }))).toEqual(
    refused("SIGNATURE_INVALID", "binding_unknown"),
  );
});

test("a server's nonces are its own, and grow old", async () => {
  const nonces = new StatelessNonces(new Uint8Array(32).fill(7));
  const { prove, present } = bound({ nonces });
  expect(await present(prove())).toEqual(refused("SIGNATURE_INVALID", "proof_nonce"));
  expect(said(await present(prove({ nonce: nonces.create(START) })))).toBe("valid");
  const foreign = new StatelessNonces(new Uint8Array(32).fill(8)).create(START);
  for (const nonce of [foreign, nonces.create(START - 61), nonces.create(START + 5), "x", `${START}-AAAA`])
    expect(await present(prove({ nonce }))).toEqual(refused("SIGNATURE_INVALID", "proof_nonce"));
  expect(() => new StatelessNonces(new Uint8Array(31))).toThrow(RangeError);
});

test("a memory of proofs that fails refuses, and wrong options make none", async () => {
  const { prove, present } = bound({ replay: { putIfAbsent: () => Promise.reject(new Error("down")) } });
  expect(await present(prove())).toMatchObject({ reason: "proof_replay_store_failed", retryable: true });
  for (const wrong of [{ replay: {} }, { mode: "maybe" }, { maxAgeSeconds: 0 }])
    expect(() => bound(wrong)).toThrow();
});
