import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { DocumentCache } from "@symbiont/agentpin";
import { WellKnownResolver } from "@symbiont/agentpin/well-known-resolver";
import { expect, onTestFinished, test } from "vitest";
import { fetchFrom, startDocumentServer } from "./document-server.ts";
import { AGENT, ISSUER, refused, said, World } from "./world.ts";

/** A world whose documents come over TLS, and the paths that were asked for. */
async function served(
  handle?: (request: IncomingMessage, response: ServerResponse) => boolean,
  options: object = {},
) {
  const world = new World();
  const server = await startDocumentServer((request, response) => {
    if (handle?.(request, response) === true) return;
    const document = request.url?.includes("revocations") ? world.revocation : world.discovery;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(document));
  });
  onTestFinished(() => server.close());
  const resolver = new WellKnownResolver({ fetch: fetchFrom(server), ...options });
  const cache = new DocumentCache({ resolver, clock: world.clock });
  return { world, server, cache, verifier: world.verifier({}, cache) };
}

test("credentials are verified by documents fetched over TLS", async () => {
  const { world, server, verifier } = await served();
  expect(said(await verifier.verify(world.token()))).toBe("valid");
  expect(said(await verifier.verify(world.token()))).toBe("valid");
  expect(server.paths).toEqual([
    "/.well-known/agent-identity.json",
    "/.well-known/agent-identity-revocations.json",
  ]);
});

test("a missing revocation document refuses, also where no endpoint is named", async () => {
  const { world, verifier } = await served((request, response) => {
    if (!request.url?.includes("revocations")) return false;
    response.statusCode = 404;
    response.end();
    return true;
  });
  expect(await verifier.verify(world.token())).toEqual(
    refused("DISCOVERY_FETCH_FAILED", "revocation_unavailable"),
  );
});

test("an endpoint on another host is not asked, unless the operator allows the host", async () => {
  for (const revocationHosts of [[], ["example.com"]]) {
    const { world, server, verifier } = await served(undefined, { revocationHosts });
    world.discovery.revocation_endpoint = "https://example.com/revocations.json";
    const asked = revocationHosts.length > 0;
    const result = await verifier.verify(world.token());
    expect(server.paths.includes("/revocations.json")).toBe(asked);
    expect(result.valid).toBe(asked);
  }
});

test("caching headers count within bounds", async () => {
  const { world, server, cache, verifier } = await served((_, response) => {
    response.setHeader("cache-control", "public, max-age=7200");
    return false;
  });
  await verifier.verify(world.token());
  world.now += 7_199;
  await cache.lookUp(ISSUER);
  expect(server.paths.filter((path) => !path.includes("revocations"))).toHaveLength(1);
  world.now += 1;
  await cache.lookUp(ISSUER);
  expect(server.paths.filter((path) => !path.includes("revocations"))).toHaveLength(2);
});

test("a discovery document in the place of the revocation document is not an empty list", async () => {
  const { world, verifier } = await served((request) => {
    if (request.url !== undefined) request.url = "/.well-known/agent-identity.json";
    return false;
  });
  expect(await verifier.verify(world.token())).toEqual(
    refused("DISCOVERY_FETCH_FAILED", "revocation_invalid"),
  );
});

/** A world whose documents have etags, and what was answered. */
async function tagged(cacheControl = "max-age=60") {
  const answers: string[] = [];
  const world = await served((request, response) => {
    const isList = request.url?.includes("revocations") === true;
    const text = JSON.stringify(isList ? world.world.revocation : world.world.discovery);
    const etag = `"${createHash("sha256").update(text).digest("hex")}"`;
    const unchanged = request.headers["if-none-match"] === etag;
    answers.push(`${isList ? "list" : "keys"} ${unchanged ? 304 : 200}`);
    response.setHeader("etag", etag);
    if (!unchanged) response.setHeader("cache-control", cacheControl);
    response.setHeader("content-type", "application/json");
    response.statusCode = unchanged ? 304 : 200;
    response.end(unchanged ? undefined : text);
    return true;
  });
  return { ...world, answers };
}

test("documents that have not changed are not sent again, and remembered results stand", async () => {
  const { world, cache, answers } = await tagged();
  const verifier = world.verifier({ resultCacheSize: 10 }, cache);
  const token = world.token();
  expect(said(await verifier.verify(token))).toBe("valid");
  const before = cache.peek(ISSUER);
  world.now += 60;
  expect(cache.peek(ISSUER)).toBeUndefined();
  expect(said(await verifier.verify(token))).toBe("valid");
  expect(cache.peek(ISSUER)).toBe(before);
  expect(answers).toEqual(["keys 200", "list 200", "keys 304", "list 304"]);
  // What says nothing of its age counts as long as what it confirms: a minute, not an hour.
  world.now += 60;
  expect(cache.peek(ISSUER)).toBeUndefined();
});

test("what is revoked meanwhile is learnt although the keys have not changed", async () => {
  const { world, verifier, answers } = await tagged();
  expect(said(await verifier.verify(world.token()))).toBe("valid");
  world.now += 60;
  world.revocation.updated_at = world.at(0);
  world.revocation.revoked_agents = [{ agent_id: AGENT, reason: "policy_violation" }];
  expect(await verifier.verify(world.token())).toEqual(refused("AGENT_INACTIVE", "agent_revoked"));
  expect(answers.slice(2)).toEqual(["keys 304", "list 200"]);
});

test("that nothing has changed is no answer to who knows nothing", async () => {
  const { world, verifier } = await served((_, response) => {
    response.statusCode = 304;
    response.end();
    return true;
  });
  expect(await verifier.verify(world.token())).toEqual(refused("DISCOVERY_FETCH_FAILED", "http_status"));
});

test("an etag is only shown to the address that it came from", async () => {
  const seen: unknown[] = [];
  const { world, verifier } = await served(
    (request, response) => {
      if (!request.url?.includes("revocations")) return false;
      seen.push(request.headers["if-none-match"]);
      response.setHeader("etag", '"of-the-list"');
      return false;
    },
    { revocationHosts: ["example.com"] },
  );
  await verifier.verify(world.token());
  world.discovery.revocation_endpoint = "https://example.com/revocations.json";
  world.now += 4_000;
  world.revocation.updated_at = world.at(0);
  expect(said(await verifier.verify(world.token()))).toBe("valid");
  world.now += 301;
  expect(said(await verifier.verify(world.token()))).toBe("valid");
  expect(seen).toEqual([undefined, undefined, '"of-the-list"']);
});

test("an etag is believed for a day only, for lists an hour, and not after an emergency", async () => {
  // As a thief would serve it, with the etag of the honest document, which confirms it ever after.
  const asked: string[] = [];
  const { world, cache } = await served((request, response) => {
    const isList = request.url?.includes("revocations") === true;
    const known = request.headers["if-none-match"] !== undefined;
    asked.push(`${isList ? "list" : "keys"} ${known ? "again" : "in full"}`);
    response.setHeader("etag", '"always"');
    response.setHeader("cache-control", "max-age=60");
    if (!known) return false;
    response.statusCode = 304;
    response.end();
    return true;
  });
  const next = async (seconds: number) => {
    world.now += seconds;
    asked.length = 0;
    await cache.lookUp(ISSUER);
    return asked.join(", ");
  };
  expect(await next(0)).toBe("keys in full, list in full");
  expect(await next(60)).toBe("keys again, list again");
  expect(await next(3_540)).toBe("keys again, list in full");
  expect(await next(82_800)).toBe("keys in full, list in full");
  expect(await next(60)).toBe("keys again, list again");
  cache.invalidate(ISSUER);
  expect(await next(0)).toBe("keys in full, list in full");
});
