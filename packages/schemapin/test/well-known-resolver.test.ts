import type { ServerResponse } from "node:http";
import type { GuardedFetch, GuardedFetchOptions } from "@symbiont/net/guarded-fetch";
import { discoveryUrl, parseDiscoveryDocument } from "@symbiont/schemapin";
import { WellKnownResolver, type WellKnownResolverOptions } from "@symbiont/schemapin/well-known-resolver";
import { describe, expect, test } from "vitest";
import {
  fetchFor,
  httpsServer,
  silentServer,
  type TestServer,
  tlsServer,
} from "../../net/test/tls-server.ts";
import { fingerprint } from "./document-fixtures.ts";
import { discoveryOf, key } from "./fixtures.ts";

const domain = "one.example";
const endpoint = `https://${domain}/.well-known/schemapin-revocations.json`;
const naming = (url: string) => parseDiscoveryDocument(discoveryOf(key, { revocation_endpoint: url }));

/** The port is the one thing about a test server that the protocol does not allow. */
function throughPort(port: number, fetch: GuardedFetch): GuardedFetch {
  return async (url, request) => {
    const target = new URL(url);
    target.port = String(port);
    return fetch(target, request);
  };
}

function resolverFor(
  { port }: Pick<TestServer, "port">,
  limits: Partial<GuardedFetchOptions> = {},
  more: WellKnownResolverOptions = {},
): WellKnownResolver {
  return new WellKnownResolver({ fetch: throughPort(port, fetchFor({ port }, limits)), ...more });
}

function json(response: ServerResponse, document: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(document));
}

describe("a discovery document", () => {
  test("is fetched from its well-known address, with how long it may be used", async () => {
    const server = await httpsServer((_request, response) => {
      json(response, discoveryOf(key), { "cache-control": "public, max-age=600" });
    });
    expect(await resolverFor(server).resolveDiscovery("One.Example.")).toMatchObject({
      status: "ok",
      document: { publicKey: key.publicKey },
      maxAgeMs: 600_000,
    });
    const [request] = server.requests;
    expect([request?.url, request?.headers.accept]).toEqual([
      "/.well-known/schemapin.json",
      "application/json",
    ]);
  });

  test.each([404, 410])("is absent when the server answers %i", async (status) => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(status);
      response.end();
    });
    expect(await resolverFor(server).resolveDiscovery(domain)).toEqual({ status: "absent" });
  });

  test.each([401, 403, 429, 500, 503, 204])("is unavailable when the server answers %i", async (status) => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(status);
      response.end();
    });
    expect(await resolverFor(server).resolveDiscovery(domain)).toMatchObject({
      status: "unavailable",
      error: { code: "SCHEMAPIN_DISCOVERY_FETCH_FAILED", retryable: true },
    });
  });

  test("is unavailable when nobody answers in time", async () => {
    const server = await silentServer();
    const resolver = resolverFor(server, { timeoutMs: 50 });
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({
      status: "unavailable",
      error: { cause: { code: "NET_TIMEOUT" } },
    });
  });

  test("is unavailable when it comes too slowly", async () => {
    const server = await tlsServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n");
      const drip = setInterval(() => socket.write(" "), 5);
      socket.on("close", () => clearInterval(drip));
    });
    const resolver = resolverFor(server, { timeoutMs: 100 });
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({ status: "unavailable" });
  });

  test("is unavailable when the server's certificate is not trusted", async () => {
    const server = await httpsServer((_request, response) => response.end(), "self-signed.pem");
    expect(await resolverFor(server).resolveDiscovery(domain)).toMatchObject({
      status: "unavailable",
      error: { cause: { code: "NET_TLS_FAILED" } },
    });
  });

  test.each<[string, (response: ServerResponse) => void, string]>([
    [
      "the server redirects",
      (response) => {
        response.writeHead(302, { location: "https://one.example/other" });
        response.end();
      },
      "NET_REDIRECT_REFUSED",
    ],
    [
      "it is huge",
      (response) => json(response, { ...discoveryOf(key), x: "x".repeat(65_536) }),
      "NET_TOO_LARGE",
    ],
    [
      "it is a web page",
      (response) => {
        response.writeHead(200, { "content-type": "text/html" });
        response.end("<p>");
      },
      "NET_CONTENT_TYPE_NOT_ALLOWED",
    ],
    [
      "it is compressed",
      (response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
        response.end("x");
      },
      "NET_CONTENT_ENCODING_NOT_ALLOWED",
    ],
  ])("is invalid when %s", async (_, answer, code) => {
    const server = await httpsServer((_request, response) => answer(response));
    expect(await resolverFor(server).resolveDiscovery(domain)).toMatchObject({
      status: "invalid",
      error: { code: "SCHEMAPIN_DISCOVERY_INVALID", cause: { code } },
    });
  });

  test("is invalid when the domain leads to a private address, and nothing is connected to", async () => {
    const server = await httpsServer((_request, response) => json(response, discoveryOf(key)));
    const resolver = resolverFor(server, { dangerouslyAllow: [] });
    expect(await resolver.resolveDiscovery(domain)).toMatchObject({
      status: "invalid",
      error: { cause: { code: "NET_DNS_NOT_PUBLIC" } },
    });
    expect(server.connections).toHaveLength(0);
  });

  test.each([
    ["not JSON", "{"],
    ["a name twice", '{"schema_version":"1.4","schema_version":"1.4"}'],
    ["an array", "[]"],
    ["without a key", '{"schema_version":"1.4"}'],
  ])("is invalid when it is %s", async (_, text) => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
      response.end(text);
    });
    expect(await resolverFor(server).resolveDiscovery(domain)).toMatchObject({
      status: "invalid",
      error: { code: "SCHEMAPIN_DISCOVERY_INVALID" },
    });
  });

  test("of something that is no domain is invalid, and nothing is fetched", async () => {
    const fetch = () => Promise.reject(new Error("fetched"));
    for (const name of ["localhost", "127.0.0.1", "one.example@evil.example", "one.example/x"]) {
      expect(await new WellKnownResolver({ fetch }).resolveDiscovery(name)).toMatchObject({
        status: "invalid",
        error: { code: "SCHEMAPIN_DOMAIN_INVALID" },
      });
    }
    expect(() => discoveryUrl("one.example:8443")).toThrow(
      expect.objectContaining({ code: "SCHEMAPIN_DOMAIN_INVALID" }),
    );
  });
});

describe("a revocation document", () => {
  const document = { domain, revoked_keys: [{ fingerprint, reason: "key_compromise" }] };

  test("is fetched from the endpoint that the discovery document names", async () => {
    const server = await httpsServer((_request, response) => json(response, document));
    const resolver = resolverFor(server);
    expect(await resolver.resolveRevocation(domain, naming(endpoint))).toMatchObject({
      status: "ok",
      document: new Set([fingerprint]),
      maxAgeMs: 0,
    });
    expect(server.requests[0]?.url).toBe("/.well-known/schemapin-revocations.json");
  });

  test("is absent when no endpoint is named", async () => {
    const fetch = () => Promise.reject(new Error("fetched"));
    const resolver = new WellKnownResolver({ fetch });
    expect(await resolver.resolveRevocation(domain, parseDiscoveryDocument(discoveryOf(key)))).toEqual({
      status: "absent",
    });
  });

  test("is unavailable, not absent, when the named endpoint has none", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(404);
      response.end();
    });
    expect(await resolverFor(server).resolveRevocation(domain, naming(endpoint))).toMatchObject({
      status: "unavailable",
    });
  });

  test("of another domain is invalid", async () => {
    const server = await httpsServer((_request, response) =>
      json(response, { ...document, domain: "two.example" }),
    );
    expect(await resolverFor(server).resolveRevocation(domain, naming(endpoint))).toMatchObject({
      status: "invalid",
      error: { code: "SCHEMAPIN_DOMAIN_MISMATCH" },
    });
  });

  test("is fetched from another host only where the operator accepts that host", async () => {
    const server = await httpsServer((_request, response) => json(response, document));
    const elsewhere = naming("https://two.example/r.json");
    expect(await resolverFor(server).resolveRevocation(domain, elsewhere)).toMatchObject({
      status: "invalid",
    });
    expect(server.requests).toHaveLength(0);
    const accepting = resolverFor(server, {}, { revocationHosts: ["two.example"] });
    expect(await accepting.resolveRevocation(domain, elsewhere)).toMatchObject({ status: "ok" });
  });

  test("is not fetched from an endpoint that is no address", async () => {
    const fetch = () => Promise.reject(new Error("fetched"));
    for (const url of ["", "r.json", "http://one.example/r", "https://one.example:8443/r"]) {
      expect(await new WellKnownResolver({ fetch }).resolveRevocation(domain, naming(url))).toMatchObject({
        status: "invalid",
        error: { code: "SCHEMAPIN_DISCOVERY_INVALID" },
      });
    }
  });
});

test("without a fetch of the host's own, the guarded one is used", async () => {
  // A name that the guarded fetch refuses before it asks anybody.
  expect(await new WellKnownResolver().resolveDiscovery("files.internal")).toMatchObject({
    status: "invalid",
    error: { cause: { code: "NET_HOST_NOT_ALLOWED" } },
  });
});
