import type { IncomingMessage, ServerResponse } from "node:http";
import { DocumentCache } from "@symbiont/agentpin";
import { WellKnownResolver } from "@symbiont/agentpin/well-known-resolver";
import { expect, onTestFinished, test } from "vitest";
import { fetchFrom, startDocumentServer } from "./document-server.ts";
import { ISSUER, refused, said, World } from "./world.ts";

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
