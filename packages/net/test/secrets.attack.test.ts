import { inspect } from "node:util";
import { NetError } from "@symbiont/net";
import { createGuardedFetch } from "@symbiont/net/guarded-fetch";
import { expect, test } from "vitest";
import { fetchFor, httpsServer, tlsServer } from "./tls-server.ts";

const MARKER = "m4rk3r-s3cr3t";
const INSIDE = "10.98.76.54";

/** Everything an error shows to whoever logs it. */
async function shown(result: Promise<unknown>): Promise<string> {
  const error: unknown = await result.catch((caught: unknown) => caught);
  if (!(error instanceof Error)) throw new Error("expected a failure");
  return [
    error.message,
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 9, showHidden: true }),
  ].join();
}

test("no error shows credentials, query, headers, body or a resolved address", async () => {
  const server = await httpsServer((request, response) => {
    if (request.url?.startsWith("/large") === true) return void response.end(MARKER.repeat(9_999));
    response.writeHead(302, { location: `https://${INSIDE}/?${MARKER}`, "x-inside": MARKER });
    response.end(MARKER);
  });
  const broken = await tlsServer((socket) => void socket.end(`HTTP/1.1 200 OK\r\n${MARKER}\r\n\r\n`));
  const secret = { headers: { authorization: MARKER, "x-key": MARKER } };
  const at = (path: string, port = server.port) => `https://one.example:${port}${path}?${MARKER}`;
  const followed = fetchFor(server, { maxRedirects: 1 });
  const failures = [
    fetchFor(server)(`https://me:${MARKER}@one.example/`),
    fetchFor(server)(`https://one.example:99999/${MARKER}`),
    fetchFor(server)(`gopher://one.example/${MARKER}`),
    fetchFor(server)(at("/"), secret),
    followed(at("/"), secret),
    fetchFor(server)(at("/large"), secret),
    fetchFor(server, { timeoutMs: 1 })(at("/"), secret),
    fetchFor(broken)(at("/", broken.port), secret),
    fetchFor(server, { lookup: async () => [INSIDE] })(at("/"), secret),
    fetchFor(server, { lookup: async () => [INSIDE, "8.8.8.8"] })(at("/"), secret),
    createGuardedFetch({
      lookup: async () => [INSIDE],
      dangerouslyAllow: [`${INSIDE}/32`],
      connectTimeoutMs: 50,
    })("https://one.example/", secret),
    fetchFor({ port: 1 }, { lookup: async () => ["127.0.0.1"] })(at("/", 1), secret),
    fetchFor(server)(at("/"), { headers: { "x-key": `${MARKER}\n` } }),
    fetchFor(server)(at("/"), { headers: { host: MARKER } }),
    fetchFor(server)(at("/"), { body: MARKER }),
  ];
  for (const text of await Promise.all(failures.map(shown))) {
    expect(text).not.toContain(MARKER);
    expect(text).not.toContain(INSIDE);
    expect(text).not.toContain("127.0.0.1");
  }
});

test("every failure of the network is a NetError with its reason", async () => {
  const error: unknown = await fetchFor({ port: 1 })("https://one.example:1/").catch(
    (caught: unknown) => caught,
  );
  expect(NetError.is(error)).toBe(true);
  expect(error).toMatchObject({ code: "NET_CONNECT_FAILED", reason: "connect_failed", retryable: true });
  expect((error as Error).name).toBe("NetError");
  expect(Object.keys(error as object)).not.toContain("name");
});
