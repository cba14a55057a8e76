import type { HttpGuardOptions } from "@symbiont/adapters/fetch";
import { guardHono } from "@symbiont/adapters/hono";
import { SymbiontError } from "@symbiont/kit";
import { createClientAddress } from "@symbiont/net";
import { RateLimiter, ShadowRateLimiter } from "@symbiont/ratelimit";
import { afterEach, describe, expect, test } from "vitest";
import { get, type Running, servers } from "./servers.ts";

class CredentialError extends SymbiontError<"CREDENTIAL_REFUSED" | "CREDENTIAL_BUSY"> {}

/** As the errors of API keys and webhooks are: they know their status. */
class StatusError extends SymbiontError<"CREDENTIAL_STATUS"> {
  readonly httpStatus: number;
  readonly retryAfterMs = 1_200;

  constructor(httpStatus: number) {
    super("CREDENTIAL_STATUS", "key file /etc/keys.json is readable by all");
    this.httpStatus = httpStatus;
  }
}

const verifier = {
  verify: async (credential: string, audience: string) => {
    if (credential === "busy") throw new CredentialError("CREDENTIAL_BUSY", "busy", { retryable: true });
    if (credential.startsWith("status-")) throw new StatusError(Number(credential.slice(7)));
    if (credential === "hang") return new Promise<never>(() => undefined);
    if (credential !== "good" && credential !== "other")
      throw new CredentialError("CREDENTIAL_REFUSED", "key 4711 is revoked");
    return { kind: "agent" as const, id: `${credential}@${audience}` };
  },
};
const limiter = (count: number): RateLimiter => new RateLimiter({ limits: [{ count, periodMs: 60_000 }] });

function options(more: Partial<HttpGuardOptions> = {}): HttpGuardOptions {
  return {
    clientAddress: createClientAddress(),
    addressLimit: "unlimited",
    identity: { verifier, audience: "us" },
    timeoutMs: 200,
    ...more,
  };
}

let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

describe.each(Object.entries(servers))("%s", (_, start) => {
  const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

  test("lets a valid credential through, and the handler learns whose it is", async () => {
    running = await start(options());
    expect(await get(running, bearer("good"))).toMatchObject({ status: 200, body: "hello good@us" });
    expect(await get(running, { authorization: "bEaReR good" })).toMatchObject({ status: 200 });
  });

  test.each<[string, Record<string, string | string[]>]>([
    ["no credential", {}],
    ["a wrong credential", bearer("bad")],
    ["another scheme", { authorization: "Basic good" }],
    ["two spaces", { authorization: "Bearer  good" }],
    ["two credentials in a line", { authorization: "Bearer good, Bearer good" }],
    ["two lines", { authorization: ["Bearer good", "Bearer bad"] }],
    ["a credential in the query's place", { "x-authorization": "Bearer good" }],
    ["an endless credential", bearer("a".repeat(15_000))],
  ])("answers %s with the same 401", async (_name, headers) => {
    running = await start(options());
    const { status, headers: given, body } = await get(running, headers);
    // Node itself refuses header blocks beyond 16 KiB with 431.
    expect([401, 431]).toContain(status);
    if (status === 431) return;
    expect(given["www-authenticate"]).toBe("Bearer");
    expect(JSON.parse(body)).toEqual({
      type: "about:blank",
      title: "a valid credential is required",
      status: 401,
    });
  });

  test("sets headers that suit an API, on answers and refusals", async () => {
    running = await start(options());
    for (const headers of [bearer("good"), {}]) {
      expect((await get(running, headers)).headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      });
    }
  });

  test.each(["/raw", "/boom", "/missing"])("sets them, and those of the limit, on %s too", async (path) => {
    running = await start(options({ addressLimit: limiter(9) }));
    const { status, headers } = await get(running, bearer("good"), path);
    expect(status).toBe({ "/raw": 200, "/boom": 500, "/missing": 404 }[path]);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "cache-control": "no-store",
      ratelimit: expect.stringContaining("r=8"),
    });
  });

  test("leaves a handler's own word on caching", async () => {
    running = await start(options());
    const { headers } = await get(running, bearer("good"), "/own");
    expect(headers).toMatchObject({ "cache-control": "max-age=60", "x-content-type-options": "nosniff" });
  });

  test("words the limit's fields as told", async () => {
    running = await start(options({ addressLimit: limiter(1), limitFields: { style: "draft-06" } }));
    expect((await get(running, bearer("good"))).headers).toMatchObject({ "ratelimit-limit": "1" });
    const { status, headers } = await get(running, bearer("good"));
    expect(status).toBe(429);
    expect(headers).toMatchObject({ "ratelimit-limit": "1", "ratelimit-remaining": "0" });
    expect(headers).not.toHaveProperty("ratelimit");
  });

  test("does not start with fields it cannot word", async () => {
    const limitFields = { style: "draft-99" as never };
    await expect((async () => start(options({ limitFields })))()).rejects.toThrow(TypeError);
  });

  test("a limit on trial turns nobody away and shows nothing", async () => {
    const refused: string[] = [];
    const onRefusal = ({ decision }: { decision: { code: string } }) => void refused.push(decision.code);
    const addressLimit = new ShadowRateLimiter({ limiter: limiter(1), onRefusal });
    running = await start(options({ addressLimit }));
    for (let index = 0; index < 3; index += 1) {
      const { status, headers } = await get(running, bearer("good"));
      expect(status).toBe(200);
      expect(headers).not.toHaveProperty("ratelimit");
    }
    expect(refused).toEqual(["RATELIMIT_EXCEEDED", "RATELIMIT_EXCEEDED"]);
  });

  test("limits by the socket's address before it looks at the credential, whatever the headers say", async () => {
    running = await start(options({ addressLimit: limiter(2) }));
    const forged = (index: number) => ({ ...bearer("bad"), "x-forwarded-for": `198.51.100.${index}` });
    expect((await get(running, forged(1))).status).toBe(401);
    expect((await get(running, forged(2))).status).toBe(401);
    const { status, headers, body } = await get(running, {
      ...bearer("good"),
      "x-forwarded-for": "198.51.100.3",
    });
    expect(status).toBe(429);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(headers["ratelimit"]).toMatch(/r=0/);
    expect(JSON.parse(body)).toMatchObject({ status: 429 });
  });

  test("limits by the forwarded address where the proxy is trusted", async () => {
    const clientAddress = createClientAddress({ trustedProxies: ["127.0.0.0/8"], header: "x-forwarded-for" });
    running = await start(options({ clientAddress, addressLimit: limiter(1) }));
    const from = (address: string) => ({ ...bearer("good"), "x-forwarded-for": address });
    expect((await get(running, from("198.51.100.1"))).status).toBe(200);
    expect((await get(running, from("198.51.100.2"))).status).toBe(200);
    expect((await get(running, from("198.51.100.1"))).status).toBe(429);
    expect((await get(running, from("198.51.100.9, 198.51.100.2"))).status).toBe(429);
  });

  test("refuses who would pass for the proxy by writing more addresses than are read", async () => {
    const clientAddress = createClientAddress({ trustedProxies: ["127.0.0.0/8"], header: "x-forwarded-for" });
    running = await start(options({ clientAddress, addressLimit: limiter(1) }));
    const from = (address: string) => ({ ...bearer("good"), "x-forwarded-for": address });
    expect((await get(running, from("198.51.100.1"))).status).toBe(200);
    const padding = "192.0.2.1,".repeat(33);
    expect((await get(running, from(`${padding}198.51.100.1`))).status).toBe(400);
  });

  test("limits each principal by itself", async () => {
    running = await start(options({ principalLimit: limiter(1) }));
    expect((await get(running, bearer("good"))).status).toBe(200);
    expect((await get(running, bearer("good"))).status).toBe(429);
    expect((await get(running, bearer("other"))).status).toBe(200);
  });

  test("answers 503 when the verifier is busy or hangs", async () => {
    running = await start(options());
    expect((await get(running, bearer("busy"))).status).toBe(503);
    expect((await get(running, bearer("hang"))).status).toBe(503);
  });

  test("answers as the verifier's error says when it is not the caller's fault, or not for good", async () => {
    running = await start(options());
    for (const status of [503, 500, 429]) {
      const { status: given, headers, body } = await get(running, bearer(`status-${status}`));
      expect(given).toBe(status);
      expect(headers["retry-after"]).toBe("2");
      expect(body).not.toContain("keys.json");
    }
    for (const status of [400, 401, 403, 404, 200])
      expect((await get(running, bearer(`status-${status}`))).status).toBe(401);
  });

  test("takes the credential from another header where it is told to, and never two", async () => {
    const identity = { verifier, audience: "us", header: "X-API-Key" };
    running = await start(options({ identity }));
    expect(await get(running, { "x-api-key": "good" })).toMatchObject({ status: 200, body: "hello good@us" });
    expect((await get(running, bearer("good"))).status).toBe(200);
    for (const headers of [
      { ...bearer("good"), "x-api-key": "good" },
      { "x-api-key": ["good", "good"] },
      { "x-api-key": "Bearer good" },
      { "x-api-key": "good, good" },
      { "x-api-key": "" },
    ])
      expect((await get(running, headers)).status, JSON.stringify(headers)).toBe(401);
    await running.close();
    running = await start(options());
    expect((await get(running, { "x-api-key": "good" })).status).toBe(401);
  });

  test("tells the handler the client's address", async () => {
    running = await start(options());
    expect(await get(running, bearer("good"), "/address")).toMatchObject({ status: 200, body: "127.0.0.1" });
  });

  test("answers 503 when a limit cannot be checked", async () => {
    const broken = { take: () => Promise.reject(new Error("redis at 10.0.0.7 is gone")) };
    running = await start(options({ addressLimit: broken }));
    const { status, body } = await get(running, bearer("good"));
    expect(status).toBe(503);
    expect(body).not.toContain("10.0.0.7");
  });

  test("answers 400 when there is a limit and no address", async () => {
    running = await start(
      options({ addressLimit: limiter(1), clientAddress: () => ({ ip: undefined, key: undefined }) }),
    );
    expect((await get(running, bearer("good"))).status).toBe(400);
  });

  test("lets everybody in only where it is told to", async () => {
    running = await start(options({ identity: "anonymous" }));
    expect(await get(running)).toMatchObject({ status: 200, body: "hello nobody" });
  });
});

test("an answer of Hono that switches protocols is left as it is", async () => {
  const set: string[] = [];
  const guarded = guardHono({ ...options({ identity: "anonymous" }), peer: () => "192.0.2.1" });
  const context = {
    req: { raw: new Request("http://localhost/") },
    res: { status: 101 } as Response,
    header: (name: string) => void set.push(name),
  };
  expect(await guarded(context, async () => undefined)).toBeUndefined();
  expect(set).toEqual([]);
});
