import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGuardedFetch, type GuardedFetchOptions } from "@symbiont/net/guarded-fetch";
import { describe, expect, onTestFinished, test } from "vitest";
import { authority, fetchFor, httpsServer } from "./tls-server.ts";

const text = (body: Uint8Array): string => new TextDecoder().decode(body);

describe("createGuardedFetch", () => {
  test("gets a document: status, headers, bytes and where they came from", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(404, { "content-type": "text/plain", "x-two": ["a", "b"] });
      response.end("none");
    });
    const url = `https://one.example:${server.port}/a?b=c`;
    const response = await fetchFor(server)(`${url}#d`);
    expect(response).toMatchObject({ status: 404, url });
    expect(response.headers.get("x-two")).toBe("a, b");
    expect(response.body.constructor).toBe(Uint8Array);
    expect(text(response.body)).toBe("none");
  });

  test("asks by the URL's own name, without encodings, on a connection of its own", async () => {
    const server = await httpsServer((_request, response) => response.end());
    await fetchFor(server)(`https://one.example:${server.port}/a?b=c`, { headers: { "X-Trace": "7" } });
    const request = server.requests[0];
    expect(request?.url).toBe("/a?b=c");
    expect(request?.headers).toEqual({
      host: `one.example:${server.port}`,
      "x-trace": "7",
      "accept-encoding": "identity",
      connection: "close",
    });
    expect((request?.socket as unknown as { servername: string }).servername).toBe("one.example");
  });

  test("sends a body with another method", async () => {
    const bodies: string[] = [];
    const server = await httpsServer((request, response) => {
      request.setEncoding("utf8").on("data", (chunk: string) => bodies.push(chunk));
      request.on("end", () => response.end(request.method));
    });
    const fetch = fetchFor(server);
    const url = `https://one.example:${server.port}/`;
    expect(text((await fetch(url, { method: "POST", body: "\u00e9" })).body)).toBe("POST");
    await fetch(url, { method: "PUT", body: new TextEncoder().encode("bytes") });
    expect(bodies).toEqual(["\u00e9", "bytes"]);
    expect(server.requests[0]?.headers["content-length"]).toBe("2");
  });

  test("takes a HEAD answer without its body", async () => {
    const server = await httpsServer((_request, response) => {
      response.writeHead(200, { "content-length": "99999999", "content-encoding": "gzip" });
      response.end();
    });
    const response = await fetchFor(server)(`https://one.example:${server.port}/`, { method: "HEAD" });
    expect(response.headers.get("content-length")).toBe("99999999");
    expect(response.body).toHaveLength(0);
  });

  test.each(["127.0.0.1", "127.1"])(
    "reaches an allowed literal host %s without asking the resolver",
    async (host) => {
      const server = await httpsServer((_request, response) => response.end("here"));
      const lookup = () => Promise.reject(new Error("asked"));
      const response = await fetchFor(server, { lookup })(`https://${host}:${server.port}/`);
      expect(text(response.body)).toBe("here");
      expect((server.requests[0]?.socket as unknown as { servername: unknown }).servername).toBe(false);
    },
  );

  test("takes a complete name with its trailing dot", async () => {
    const names: string[] = [];
    const server = await httpsServer((_request, response) => response.end());
    const lookup = (name: string) => {
      names.push(name);
      return Promise.resolve(["127.0.0.1"]);
    };
    await fetchFor(server, { lookup })(`https://one.example.:${server.port}/`);
    expect(names).toEqual(["one.example."]);
  });

  test("tries the next address when one is dead", async () => {
    const server = await httpsServer((_request, response) => response.end("second"));
    const fetch = fetchFor(server, {
      dangerouslyAllow: ["127.0.0.0/8"],
      lookup: async () => ["127.0.0.2", "::ffff:127.0.0.1"],
    });
    expect(text((await fetch(`https://one.example:${server.port}/`)).body)).toBe("second");
  });

  test("resolves through the system when no lookup is given", async () => {
    const server = await httpsServer((_request, response) => response.end());
    const fetch = createGuardedFetch({
      ca: authority,
      ports: [server.port],
      allowHosts: ["localhost"],
      dangerouslyAllow: ["127.0.0.1", "::1"],
    });
    // The certificate does not name localhost, so the answer shows that the connection was made.
    await expect(fetch(`https://localhost:${server.port}/`)).rejects.toMatchObject({
      code: "NET_TLS_FAILED",
    });
    expect(server.connections).toHaveLength(1);
  });

  test("speaks plain http only when told to", async () => {
    const server = createServer((_request, response) => response.end("plain"));
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const target = { port: (server.address() as AddressInfo).port };
    const url = `http://one.example:${target.port}/`;
    expect(text((await fetchFor(target, { allowHttp: true })(url)).body)).toBe("plain");
    await expect(fetchFor(target)(url)).rejects.toMatchObject({ code: "NET_SCHEME_NOT_ALLOWED" });
  });

  test("says once that an address was reached which is not public", async () => {
    const server = await httpsServer((_request, response) => response.end());
    let calls = 0;
    const fetch = fetchFor(server, { onDangerouslyAllowed: () => (calls += 1) });
    expect(calls).toBe(0);
    await fetch(`https://one.example:${server.port}/`);
    await fetch(`https://two.example:${server.port}/`);
    expect(calls).toBe(1);
  });
});

describe("accept", () => {
  const serve = (type: string | undefined, status = 200) =>
    httpsServer((_request, response) => {
      response.writeHead(status, type === undefined ? {} : { "content-type": type });
      response.end("{}");
    });
  const accept = ["application/json", "application/*+json"];

  test.each(["application/json", "Application/JSON; charset=utf-8", "application/agent-identity+json"])(
    "takes %s",
    async (type) => {
      const server = await serve(type);
      await fetchFor(server)(`https://one.example:${server.port}/`, { accept });
      expect(server.requests[0]?.headers.accept).toBe("application/json");
    },
  );

  test.each([
    undefined,
    "",
    "text/html",
    "application/jsonx",
    "application/+json",
    "text/x+json",
    "text/json, application/json",
  ])("refuses %j", async (type) => {
    const server = await serve(type);
    await expect(fetchFor(server)(`https://one.example:${server.port}/`, { accept })).rejects.toMatchObject({
      code: "NET_CONTENT_TYPE_NOT_ALLOWED",
      retryable: false,
    });
  });

  test("leaves an error page alone, which is an answer like any other", async () => {
    const server = await serve("text/html", 503);
    const response = await fetchFor(server)(`https://one.example:${server.port}/`, { accept });
    expect(response.status).toBe(503);
  });
});

describe("redirects", () => {
  const chain = (...steps: readonly string[]) =>
    httpsServer((request, response) => {
      const at = steps.indexOf(request.url ?? "");
      const next = steps[at + 1];
      if (next === undefined) return void response.end("arrived");
      response.writeHead(302, { location: next });
      response.end("x".repeat(100_000));
    });

  test("are refused by default", async () => {
    const server = await chain("/a", "/b");
    await expect(fetchFor(server)(`https://one.example:${server.port}/a`)).rejects.toMatchObject({
      code: "NET_REDIRECT_REFUSED",
      reason: "redirect_refused",
    });
    expect(server.requests).toHaveLength(1);
  });

  test("are followed as far as allowed, body unread, each hop resolved anew", async () => {
    const server = await chain("/a", "/b", "/c", "/d");
    let lookups = 0;
    const lookup = async () => {
      lookups += 1;
      return ["127.0.0.1"];
    };
    const response = await fetchFor(server, { maxRedirects: 3, lookup })(
      `https://one.example:${server.port}/a`,
    );
    expect(text(response.body)).toBe("arrived");
    expect(response.url).toBe(`https://one.example:${server.port}/d`);
    expect(lookups).toBe(4);
    expect(server.connections).toHaveLength(4);

    await expect(
      fetchFor(server, { maxRedirects: 2 })(`https://one.example:${server.port}/a`),
    ).rejects.toMatchObject({ code: "NET_TOO_MANY_REDIRECTS" });
  });

  test("without a location, and 304, are answers", async () => {
    const server = await httpsServer((request, response) => {
      response.writeHead(request.url === "/304" ? 304 : 302);
      response.end();
    });
    const fetch = fetchFor(server);
    expect((await fetch(`https://one.example:${server.port}/304`)).status).toBe(304);
    expect((await fetch(`https://one.example:${server.port}/302`)).status).toBe(302);
  });

  test("keep the caller's headers on the same origin and drop them on another", async () => {
    const server = await httpsServer((request, response) => {
      const host = request.url === "/a" ? "one" : "two";
      if (request.url === "/c") return void response.end();
      response.writeHead(307, {
        location: `https://${host}.example:${server.port}${request.url === "/a" ? "/b" : "/c"}`,
      });
      response.end();
    });
    await fetchFor(server, { maxRedirects: 3 })(`https://one.example:${server.port}/a`, {
      headers: {
        authorization: "Bearer x",
        cookie: "a=b",
        "x-api-key": "k",
        "user-agent": "test",
        accept: "*/*",
      },
    });
    const sent = server.requests.map(({ headers }) => Object.keys(headers).sort().join(" "));
    expect(sent).toEqual([
      "accept accept-encoding authorization connection cookie host user-agent x-api-key",
      "accept accept-encoding authorization connection cookie host user-agent x-api-key",
      "accept accept-encoding connection host user-agent",
    ]);
  });
});

describe("wrong options and requests", () => {
  test.each<[string, GuardedFetchOptions]>([
    ["timeoutMs", { timeoutMs: 0 }],
    ["timeoutMs", { timeoutMs: Number.NaN }],
    ["connectTimeoutMs", { connectTimeoutMs: Number.POSITIVE_INFINITY }],
    ["maxBytes", { maxBytes: -1 }],
    ["maxRedirects", { maxRedirects: 4 }],
    ["maxConcurrent", { maxConcurrent: 0 }],
    ["cacheMaxAgeMs", { cacheMaxAgeMs: 86_400_001 }],
    ["negativeTtlMs", { negativeTtlMs: 60_001 }],
    ["maxCacheEntries", { maxCacheEntries: 10_001 }],
    ["ca", { ca: "not a certificate" }],
    ["ca", { ca: [authority, ""] }],
    ["dangerouslyAllow[0]", { dangerouslyAllow: ["all"] }],
  ])("the option %s is named", (name, options) => {
    expect(() => createGuardedFetch(options)).toThrow(name);
  });

  test.each([
    ["method", { method: "get" }],
    ["method", { method: "CONNECT" }],
    ["method", { method: "TRACE" }],
    ["method", { method: "GET / HTTP/1.1\r\nx:" }],
    ["body", { body: "x" }],
    ["body", { method: "HEAD", body: "x" }],
    ["accept", { accept: ["*/*"] }],
    ["accept", { accept: ["application/json\r\nx: y"] }],
    ["Host", { headers: { Host: "inside" } }],
    ["accept-encoding", { headers: { "accept-encoding": "gzip" } }],
    ["transfer-encoding", { headers: { "transfer-encoding": "chunked" } }],
    ["x:y", { headers: { "x:y": "z" } }],
    ["x-a", { headers: { "x-a": "b\r\nx-b: c" } }],
    ["x-a", { headers: { "x-a": "\u0100" } }],
    ["x-a", { headers: { "x-a": 5 as unknown as string } }],
  ])("the request's %s is named", async (name, request) => {
    const result = createGuardedFetch()("https://one.example/", request);
    await expect(result).rejects.toThrow(TypeError);
    await expect(result).rejects.toThrow(name);
  });
});
