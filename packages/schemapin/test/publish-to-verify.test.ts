import type { IncomingMessage, ServerResponse } from "node:http";
import { generateKeyPair } from "@symbiont/keys";
import type { GuardedFetch } from "@symbiont/net/guarded-fetch";
import {
  BundleResolver,
  buildDiscoveryDocument,
  buildRevocationDocument,
  createWellKnownHandler,
  MemoryPinStore,
  MemoryTrustLedger,
  PublisherSource,
  REVOCATION_PATH,
  ResolverChain,
  signSchema,
  signTools,
  signTrustBundle,
  verifySchema,
} from "@symbiont/schemapin";
import { WellKnownResolver } from "@symbiont/schemapin/well-known-resolver";
import { describe, expect, test } from "vitest";
import { fetchFor, httpsServer } from "../../net/test/tls-server.ts";
import { ManualClock, refused } from "./document-fixtures.ts";
import { key, readFile, verifierOf } from "./fixtures.ts";

const domain = "one.example";
const MINUTE = 60_000;

/** A publisher on loopback: its documents are served by its own handler. */
async function publish() {
  const revoked: { fingerprint: string; revokedAt: number; reason: "key_compromise" }[] = [];
  const discovery = buildDiscoveryDocument({
    domain,
    publicKey: key.publicKey,
    developerName: "One",
    revocationEndpoint: `https://${domain}${REVOCATION_PATH}`,
  });
  const revocation = () => buildRevocationDocument(domain, revoked);
  const handle = createWellKnownHandler({ domain, discovery, revocation });
  let up = true;
  const server = await httpsServer((request, response) => {
    if (up) void serve(handle, request, response);
    else request.socket.destroy();
  });
  const guarded = fetchFor(server, { negativeTtlMs: 0 });
  const fetch: GuardedFetch = async (url, request) => {
    const target = new URL(url);
    target.port = String(server.port);
    return guarded(target, request);
  };
  return {
    discovery,
    resolver: new WellKnownResolver({ fetch }),
    revokeKey: () =>
      void revoked.push({ fingerprint: key.publicKey.fingerprint, revokedAt: 0, reason: "key_compromise" }),
    setUp: (value: boolean) => {
      up = value;
    },
  };
}

async function serve(
  handle: (request: Request) => Promise<Response>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await handle(
    new Request(`https://${domain}${request.url}`, { method: request.method ?? "GET" }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}

describe("what a publisher serves", () => {
  test("verifies its tools, until it revokes its key", async () => {
    const { resolver, revokeKey } = await publish();
    const clock = new ManualClock();
    const servers = new Map([["files", { domain, resolver }]]);
    const { verifier } = verifierOf({ servers, clock });
    const tools = signTools([readFile], { key, domain });
    expect((await verifier.admit(tools, "files")).findings).toMatchObject([{ code: "verified" }]);
    revokeKey();
    clock.pass(5 * MINUTE);
    expect(await verifier.check("read_file", "files")).toBeUndefined();
    expect((await verifier.admit(tools, "files")).findings).toMatchObject([
      { code: "SCHEMAPIN_KEY_REVOKED" },
    ]);
  });

  test("verifies a schema, and its revocation cannot be kept away by cutting the line", async () => {
    const { resolver, setUp } = await publish();
    const clock = new ManualClock();
    const publishers = new PublisherSource({
      resolver,
      mode: "strict",
      ledger: new MemoryTrustLedger(),
      clock,
    });
    const { signature } = signSchema(readFile, key);
    const options = {
      signature,
      domain,
      toolId: "t",
      publishers,
      pins: new MemoryPinStore(),
      firstUse: "trust",
    } as const;
    expect(await verifySchema(readFile, options)).toMatchObject({ pin: "first_use", developerName: "One" });
    setUp(false);
    clock.pass(5 * MINUTE);
    await expect(verifySchema(readFile, options)).rejects.toThrow(
      refused("SCHEMAPIN_REVOCATION_UNAVAILABLE"),
    );
    setUp(true);
    clock.pass(MINUTE);
    expect(await verifySchema(readFile, options)).toMatchObject({ pin: "pinned" });
  });

  test("is looked at for revocations although the key comes from a bundle", async () => {
    const { resolver, discovery, revokeKey } = await publish();
    const clock = new ManualClock();
    const authority = generateKeyPair("ES256").privateKey;
    const text = signTrustBundle(
      { documents: [{ domain, ...discovery }] },
      { key: authority, kid: "a", clock },
    );
    const bundle = new BundleResolver({
      load: async () => text,
      authorities: new Map([["a", authority.publicKey.fingerprint]]),
      ledger: new MemoryTrustLedger(),
      clock,
    });
    const chain = new ResolverChain([bundle, resolver]);
    const source = new PublisherSource({
      resolver: chain,
      mode: "strict",
      ledger: new MemoryTrustLedger(),
      clock,
    });
    expect((await source.publisher(domain)).revoked.size).toBe(0);
    revokeKey();
    clock.pass(5 * MINUTE);
    expect((await source.publisher(domain)).revoked).toEqual(new Set([key.publicKey.fingerprint]));
  });
});

describe("verifySchema", () => {
  const { signature } = signSchema(readFile, key);
  const options = { signature, domain, toolId: "t", pins: new MemoryPinStore(), firstUse: "trust" } as const;
  const discovery = { schema_version: "1.4", public_key_pem: key.publicKey.toPem() };

  test("asks every context of a delegation before anything else, and pins nothing when one refuses", async () => {
    const near = { delegationDepth: 1, trustedDomains: [] };
    const far = { delegationDepth: 0, trustedDomains: ["other.example"] };
    await expect(verifySchema(readFile, { ...options, discovery, a2a: [near, far] })).rejects.toThrow(
      refused("SCHEMAPIN_A2A_SCOPE_VIOLATION"),
    );
    expect(await options.pins.get({ kind: "tool", domain, subject: "t" })).toBeUndefined();
    const { pin } = await verifySchema(readFile, { ...options, discovery, a2a: near });
    expect(pin).toBe("first_use");
  });

  test("is not relaxed by a context that allows everything", async () => {
    const open = { delegationDepth: 0, trustedDomains: [] };
    const tampered = { ...readFile, description: "other" };
    await expect(verifySchema(tampered, { ...options, discovery, a2a: open })).rejects.toThrow(
      refused("SCHEMAPIN_SIGNATURE_INVALID"),
    );
  });

  test("takes documents or a source of them", async () => {
    const { resolver } = await publish();
    const publishers = new PublisherSource({ resolver, mode: "strict", ledger: new MemoryTrustLedger() });
    await expect(verifySchema(readFile, { ...options, discovery, publishers })).rejects.toThrow(TypeError);
    await expect(verifySchema(readFile, options)).rejects.toThrow(refused("SCHEMAPIN_DISCOVERY_INVALID"));
  });
});
