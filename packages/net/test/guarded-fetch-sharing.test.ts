import type { GuardedFetchOptions } from "@symbiont/net/guarded-fetch";
import { describe, expect, test } from "vitest";
import { fetchFor, httpsServer, type TestServer } from "./tls-server.ts";

const url = (server: { port: number }, path = "/", host = "one"): string =>
  `https://${host}.example:${server.port}${path}`;

describe("equal GETs at the same time", () => {
  test("make one request, and nobody can change the answer of another", async () => {
    const server = await httpsServer((_request, response) => void setTimeout(() => response.end("same"), 50));
    const fetch = fetchFor(server);
    const responses = await Promise.all(Array.from({ length: 20 }, () => fetch(url(server))));
    expect(server.requests).toHaveLength(1);
    const [first, second] = responses;
    first?.body.fill(0);
    (first?.headers as Map<string, string>).clear();
    expect(second?.body).toEqual(new TextEncoder().encode("same"));
    expect(second?.headers.size).toBeGreaterThan(0);
  });

  test("go on when one caller leaves, and end when all have left", async () => {
    let answer = (): void => undefined;
    const server = await httpsServer((request, response) => {
      if (request.url === "/a") answer = () => void response.end("a");
    });
    const fetch = fetchFor(server);
    const stop = new AbortController();
    const leaver = fetch(url(server, "/a"), { signal: stop.signal });
    const stayer = fetch(url(server, "/a"));
    const alone = fetch(url(server, "/b"), { signal: stop.signal });
    while (server.requests.length < 2) await new Promise(setImmediate);
    stop.abort();
    await expect(leaver).rejects.toMatchObject({ code: "NET_ABORTED" });
    await expect(alone).rejects.toMatchObject({ code: "NET_ABORTED" });
    answer();
    expect((await stayer).status).toBe(200);
    await server.drained();
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    { headers: { authorization: "Bearer x" } },
    { headers: { cookie: "a=b" } },
    { headers: { "x-api-key": "k" } },
    { method: "POST" },
    { method: "HEAD" },
  ])("are not shared when they may differ by who asks or change something: %j", async (request) => {
    const server = await httpsServer((_request, response) => {
      response.setHeader("cache-control", "max-age=60");
      setTimeout(() => response.end(), 20);
    });
    const fetch = fetchFor(server, { cacheMaxAgeMs: 60_000 });
    await Promise.all([fetch(url(server), request), fetch(url(server), request)]);
    await fetch(url(server), request);
    expect(server.requests).toHaveLength(3);
  });

  test("are not equal when they expect different things", async () => {
    const server = await httpsServer((_request, response) => {
      response.setHeader("content-type", "text/plain");
      setTimeout(() => response.end(), 20);
    });
    const fetch = fetchFor(server);
    const plain = fetch(url(server), { accept: ["text/plain"] });
    const json = fetch(url(server), { accept: ["application/json"] });
    await expect(json).rejects.toMatchObject({ code: "NET_CONTENT_TYPE_NOT_ALLOWED" });
    expect((await plain).status).toBe(200);
  });
});

test("more fetches than allowed at a time fail at once, and the host is not blamed", async () => {
  const server = await httpsServer((_request, response) => void setTimeout(() => response.end(), 50));
  const fetch = fetchFor(server, { maxConcurrent: 2 });
  const running = [fetch(url(server, "/1")), fetch(url(server, "/2"))];
  await expect(fetch(url(server, "/3"))).rejects.toMatchObject({ code: "NET_BUSY", retryable: true });
  await Promise.all(running);
  expect((await fetch(url(server, "/3"))).status).toBe(200);
});

describe("the response cache", () => {
  const serve = (headers: Record<string, string>, status = 200) =>
    httpsServer((_request, response) => {
      response.writeHead(status, headers);
      response.end("kept");
    });
  const askTwice = async (server: TestServer, waitMs: number, options: Partial<GuardedFetchOptions> = {}) => {
    let now = 1_000_000;
    const fetch = fetchFor(server, { cacheMaxAgeMs: 60_000, now: () => now, ...options });
    await fetch(url(server));
    now += waitMs;
    await fetch(url(server));
    return server.requests.length;
  };

  test.each<[Record<string, string>, number, number]>([
    [{ "cache-control": "max-age=10" }, 9_999, 1],
    [{ "cache-control": "max-age=10" }, 10_000, 2],
    [{ "cache-control": "max-age=10" }, -1, 2],
    [{ "cache-control": "public, MAX-AGE=10" }, 5_000, 1],
    [{ "cache-control": "max-age=9999999999" }, 59_999, 1],
    [{ "cache-control": "max-age=9999999999" }, 60_000, 2],
    [{ "cache-control": "max-age=10", age: "8" }, 1_999, 1],
    [{ "cache-control": "max-age=10", age: "8" }, 2_000, 2],
    [{ "cache-control": "max-age=10", age: "x" }, 0, 2],
    [{ "cache-control": "max-age=0" }, 0, 2],
    [{ "cache-control": "max-age=-1" }, 0, 2],
    [{ "cache-control": "max-age=1e3" }, 0, 2],
    [{ "cache-control": 'max-age="10"' }, 0, 2],
    [{ "cache-control": "max-age=10, max-age=20" }, 0, 2],
    [{ "cache-control": "max-age" }, 0, 2],
    [{ "cache-control": "max-age=10, no-store" }, 0, 2],
    [{ "cache-control": "no-cache, max-age=10" }, 0, 2],
    [{ "cache-control": "private=x, max-age=10" }, 0, 2],
    [{ "cache-control": "max-age=10", vary: "cookie" }, 0, 2],
    [{ expires: "Thu, 01 Jan 2099 00:00:00 GMT" }, 0, 2],
    [{}, 0, 2],
  ])("%j, asked again after %d ms: %d requests", async (headers, waitMs, requests) => {
    expect(await askTwice(await serve(headers), waitMs)).toBe(requests);
  });

  test("is off unless a longest age is given, and keeps no failures of the server", async () => {
    const headers = { "cache-control": "max-age=10" };
    expect(await askTwice(await serve(headers), 0, { cacheMaxAgeMs: 0 })).toBe(2);
    expect(await askTwice(await serve(headers, 500), 0)).toBe(2);
    expect(await askTwice(await serve(headers, 404), 0)).toBe(2);
  });

  test("is passed over by reload, which refreshes it", async () => {
    const server = await serve({ "cache-control": "max-age=10" });
    const fetch = fetchFor(server, { cacheMaxAgeMs: 60_000 });
    await fetch(url(server));
    await fetch(url(server), { reload: true });
    const { body } = await fetch(url(server));
    body.fill(0);
    expect(new TextDecoder().decode((await fetch(url(server))).body)).toBe("kept");
    expect(server.requests).toHaveLength(2);
  });

  test("holds no more entries than allowed, the oldest goes first", async () => {
    const server = await serve({ "cache-control": "max-age=10" });
    const fetch = fetchFor(server, { cacheMaxAgeMs: 60_000, maxCacheEntries: 2 });
    for (const path of ["/1", "/2", "/3", "/2", "/3", "/1"]) await fetch(url(server, path));
    expect(server.requests.map((request) => request.url)).toEqual(["/1", "/2", "/3", "/1"]);
  });
});

describe("the memory of failures", () => {
  test("spares a host that cannot be resolved, whatever is asked of it, for a while", async () => {
    let now = 0;
    let lookups = 0;
    const lookup = async () => {
      lookups += 1;
      return [];
    };
    const fetch = fetchFor({ port: 1 }, { lookup, now: () => now });
    const ask = (path: string, method = "GET") =>
      expect(fetch(`https://one.example${path}`, { method })).rejects.toMatchObject({
        code: "NET_DNS_FAILED",
        reason: "dns_failed",
        retryable: true,
      });
    await ask("/a");
    await ask("/a");
    await ask("/b");
    await ask("/c", "POST");
    expect(lookups).toBe(1);
    now = 29_999;
    await ask("/a");
    expect(lookups).toBe(1);
    now = 30_000;
    await ask("/a");
    expect(lookups).toBe(2);
  });

  test("spares a server whose answer cannot be used, for that URL alone", async () => {
    let now = 0;
    const server = await httpsServer((request, response) => {
      response.end("x".repeat(request.url === "/large" ? 70_000 : 1));
    });
    const fetch = fetchFor(server, { negativeTtlMs: 1_000, now: () => now });
    for (let round = 0; round < 3; round += 1)
      await expect(fetch(url(server, "/large"))).rejects.toMatchObject({ code: "NET_TOO_LARGE" });
    expect((await fetch(url(server, "/small"))).status).toBe(200);
    expect(server.requests).toHaveLength(2);
    now = 1_000;
    await expect(fetch(url(server, "/large"))).rejects.toMatchObject({ code: "NET_TOO_LARGE" });
    expect(server.requests).toHaveLength(3);
  });

  test("is not fooled into blaming the place a slow redirect leads to", async () => {
    const server = await httpsServer((request, response) => {
      if (request.headers.host?.startsWith("two") === true) return void response.end("fine");
      response.writeHead(302, { location: url(server, "/", "two") });
      response.end();
    });
    let hang = true;
    const fetch = fetchFor(server, {
      maxRedirects: 1,
      timeoutMs: 2_000,
      lookup: (name) =>
        name === "two.example" && hang ? new Promise(() => undefined) : Promise.resolve(["127.0.0.1"]),
    });
    await expect(fetch(url(server))).rejects.toMatchObject({ code: "NET_TIMEOUT" });
    hang = false;
    expect((await fetch(url(server, "/", "two"))).status).toBe(200);
  });

  test("can be switched off", async () => {
    let lookups = 0;
    const lookup = async () => {
      lookups += 1;
      return [];
    };
    const fetch = fetchFor({ port: 1 }, { lookup, negativeTtlMs: 0 });
    for (let round = 0; round < 2; round += 1)
      await expect(fetch("https://one.example/")).rejects.toMatchObject({ code: "NET_DNS_FAILED" });
    expect(lookups).toBe(2);
  });

  test("holds no more entries than allowed, and pushes no response out", async () => {
    const server = await httpsServer((_request, response) => {
      response.setHeader("cache-control", "max-age=60");
      response.end();
    });
    const fetch = fetchFor(server, {
      cacheMaxAgeMs: 60_000,
      maxCacheEntries: 4,
      lookup: async (name) => (name === "one.example" ? ["127.0.0.1"] : []),
    });
    await fetch(url(server));
    for (let host = 0; host < 50; host += 1)
      await expect(fetch(`https://h${host}.example/`)).rejects.toMatchObject({ code: "NET_DNS_FAILED" });
    await fetch(url(server));
    expect(server.requests).toHaveLength(1);
  });
});
