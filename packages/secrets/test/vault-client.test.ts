import { getEventListeners } from "node:events";
import {
  tokenLogin,
  VaultClient,
  type VaultFetch,
  type VaultOptions,
  type VaultRequest,
} from "@symbiont/secrets/vault";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errors, type FakeReply, FakeVault } from "./servers/fake-vault.ts";

const READ = { method: "GET", path: ["secret", "data", "a"], repeat: "always" } satisfies VaultRequest;
const CALL = "GET secret/data/a";

let server: FakeVault;
let clients: VaultClient[];

beforeEach(async () => {
  server = await FakeVault.start();
  server.tokens.issue("t", 0);
  server.kv.put("a", { value: "s3cr3t" });
  clients = [];
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
});

function open(options: Partial<VaultOptions> = {}): VaultClient {
  const client = new VaultClient({ address: server.address, login: tokenLogin(() => "t"), ...options });
  clients.push(client);
  return client;
}

describe("where a client goes", () => {
  test.each([
    "http://vault.example:8200",
    "http://10.0.0.1",
    "http://127.0.0.1.example",
    "http://localhost.example",
    "http://[::2]",
    "ftp://127.0.0.1",
    "vault.example",
    "https://user:pass@vault.example",
    "https://vault.example?x",
    "https://vault.example#x",
  ])("not to %s", (address) => {
    expect(() => open({ address })).toThrow(TypeError);
  });

  test.each(["https://vault.example/", "http://localhost:1", "http://127.1.2.3", "http://[::1]:8200/vault/"])(
    "to %s",
    (address) => {
      expect(open({ address })).toBeInstanceOf(VaultClient);
    },
  );

  test("in the clear only when told to", () => {
    expect(open({ address: "http://vault.example", allowInsecure: true })).toBeInstanceOf(VaultClient);
  });

  test("below the path of the address, with namespace and marker", async () => {
    const seen: Request[] = [];
    const client = open({
      address: "https://vault.example/base/",
      namespace: "team/a/",
      fetch: async (url, options) => {
        seen.push(new Request(url, options));
        return Response.json({ data: { ttl: 0, renewable: false } });
      },
    });
    await client.request({ ...READ, path: ["secret", "data", "ä/?#&%", "b c"], query: { version: "2" } });
    expect(seen.map(({ url }) => url)).toEqual([
      "https://vault.example/base/v1/auth/token/lookup-self",
      "https://vault.example/base/v1/secret/data/%C3%A4%2F%3F%23%26%25/b%20c?version=2",
    ]);
    expect(Object.fromEntries(seen[1]?.headers ?? [])).toMatchObject({
      "x-vault-token": "t",
      "x-vault-namespace": "team/a",
      "x-vault-request": "true",
    });
  });

  test.each(["", ".", ".."])("never through the segment '%s'", async (segment) => {
    await expect(open().request({ ...READ, path: ["secret", segment, "a"] })).rejects.toBeInstanceOf(
      TypeError,
    );
    expect(server.calls).not.toContain("GET secret/a");
  });

  test.each([
    { requestTimeoutMs: 0 },
    { deadlineMs: Number.NaN },
    { maxAnswerBytes: 1.5 },
    { namespace: "a\nb" },
    { namespace: "../a" },
  ])("not with the option %j", (options) => {
    expect(() => open(options)).toThrow(/requestTimeoutMs|deadlineMs|maxAnswerBytes|namespace/);
  });
});

describe("TLS", () => {
  test("is not spoken in a process that does not verify it", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const fetch = vi.fn<VaultFetch>();
    const client = open({ address: "https://vault.example", fetch });
    await expect(client.request(READ)).rejects.toMatchObject({
      code: "SECRET_TLS_UNVERIFIED",
      retryable: false,
    });
    expect(fetch).not.toHaveBeenCalled();
  });

  test("is not needed on the loopback", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    await expect(open().request(READ)).resolves.toMatchObject({ status: 200 });
  });
});

describe("an answer that is not one", () => {
  test.each<[string, FakeReply, string]>([
    [
      "a redirect",
      { status: 307, text: "", headers: { location: "http://evil.example/" } },
      "SECRET_ANSWER_INVALID",
    ],
    ["no JSON", { status: 200, text: "<html>hello</html>" }, "SECRET_ANSWER_INVALID"],
    ["a list", { status: 200, text: "[]" }, "SECRET_ANSWER_INVALID"],
    ["a name twice", { status: 200, text: '{"data":1,"data":2}' }, "SECRET_ANSWER_INVALID"],
    ["a page of a proxy that says 404", { status: 404, text: "<html>" }, "SECRET_ANSWER_INVALID"],
    ["a status of unknown meaning", { status: 418, json: {} }, "SECRET_ANSWER_INVALID"],
    ["other credentials wanted", { status: 401, text: "" }, "SECRET_LOGIN_FAILED"],
    ["too large a request", { status: 413, text: "" }, "SECRET_TOO_LARGE"],
    ["not initialised", errors(501, "not initialized"), "SECRET_UNAVAILABLE"],
    ["more than is read", { status: 200, json: { data: "x".repeat(5 << 20) } }, "SECRET_TOO_LARGE"],
  ])("%s ends the call at once", async (_, reply, code) => {
    server.next(CALL, reply, 9);
    await expect(open().request(READ)).rejects.toMatchObject({ code });
    expect(server.calls.filter((call) => call === CALL)).toHaveLength(1);
  });

  test("a flood without a length is cut off", async () => {
    const chunk = new Uint8Array(65_536);
    let sent = 0;
    const flood = (): Response =>
      new Response(
        new ReadableStream({
          pull(controller) {
            sent += chunk.length;
            controller.enqueue(chunk);
          },
        }),
      );
    const client = open({ fetch: async () => flood(), maxAnswerBytes: 1 << 20 });
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_TOO_LARGE" });
    expect(sent).toBeLessThan(2 << 20);
  });
});

describe("trying again", () => {
  test.each<[string, FakeReply]>([
    ["a broken connection", "reset"],
    ["half an answer", "cut"],
    ["a node that is behind", errors(412, "required index state not present")],
    ["a limit", { status: 429, json: { errors: [] }, headers: { "retry-after": "0" } }],
    ["a disaster standby", { status: 472, text: "" }],
    ["a standby", { status: 473, text: "" }],
    ["a failure", errors(500, "internal error")],
    ["a bad gateway", { status: 502, text: "<html>" }],
    ["a sealed Vault that is being unsealed", errors(503, "Vault is sealed")],
  ])("gets over %s", async (_, reply) => {
    server.next(CALL, reply, 2);
    await expect(open().request(READ)).resolves.toMatchObject({ status: 200 });
    expect(server.calls.filter((call) => call === CALL)).toHaveLength(3);
  });

  test("ends after three tries, and says what it was", async () => {
    server.next(CALL, errors(503, "Vault is sealed"), 9);
    await expect(open().request(READ)).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      message: "Vault is sealed",
      retryable: true,
    });
    expect(server.calls.filter((call) => call === CALL)).toHaveLength(3);
  });

  test("does not wait longer than the call may take", async () => {
    server.next(CALL, { status: 429, text: "", headers: { "retry-after": "3600" } });
    await expect(open().request(READ)).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  test("does not carry out twice what must run once", async () => {
    for (const reply of ["reset-after", errors(500, "internal error")] as const) {
      server.next("POST secret/data/once", reply);
      const write = { method: "POST", path: ["secret", "data", "once"], body: { data: {} } } as const;
      await expect(open().request({ ...write, repeat: "not-executed" })).rejects.toMatchObject({
        code: "SECRET_UNAVAILABLE",
      });
    }
    expect(server.calls.filter((call) => call === "POST secret/data/once")).toHaveLength(2);
  });

  test("repeats what must run once as long as it was refused before it ran", async () => {
    server.next("POST secret/data/once", errors(503, "Vault is sealed"));
    server.next("POST secret/data/once", errors(412, "behind"));
    const write = { method: "POST", path: ["secret", "data", "once"], body: { data: {} } } as const;
    await expect(open().request({ ...write, repeat: "not-executed" })).resolves.toMatchObject({
      status: 200,
    });
  });

  test.each([
    ["ECONNREFUSED", 200],
    ["ECONNRESET", undefined],
  ])("repeats what must run once after %s only if it was never sent", async (code, status) => {
    let broken = 1;
    const client = open({
      fetch: async (url, options) => {
        if (options.method === "POST" && (broken -= 1) >= 0)
          throw new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
        return fetch(url, options);
      },
    });
    const write = { method: "POST", path: ["secret", "data", "once"], body: { data: {} } } as const;
    const work = client.request({ ...write, repeat: "not-executed" }).catch(() => ({ status: undefined }));
    expect((await work).status).toBe(status);
  });

  test("an address where nobody listens is unavailable", async () => {
    const gone = await FakeVault.start();
    const { address } = gone;
    await gone.close();
    const client = open({ address });
    await expect(client.request(READ)).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      message: "Vault cannot be reached (ECONNREFUSED)",
    });
  });
});

describe("waiting", () => {
  test("ends when one try takes too long, and the next may succeed", async () => {
    server.next(CALL, "silence");
    await expect(open({ requestTimeoutMs: 1_000 }).request(READ)).resolves.toMatchObject({ status: 200 });
  });

  test("ends when the whole call takes too long", async () => {
    server.next(CALL, "silence", 9);
    const client = open({ requestTimeoutMs: 10_000, deadlineMs: 300 });
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_TIMED_OUT", retryable: true });
  });

  test("ends even with a fetch that listens to no signal", async () => {
    const client = open({ fetch: () => new Promise(() => undefined), deadlineMs: 100 });
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_TIMED_OUT" });
  });

  test("ends when the caller gives up, before and meanwhile", async () => {
    const client = open();
    await expect(client.request(READ, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "SECRET_ABORTED",
    });
    expect(server.calls).toEqual([]);
    server.next(CALL, "silence");
    const stop = new AbortController();
    const work = client.request(READ, { signal: stop.signal });
    await vi.waitFor(() => expect(server.calls).toContain(CALL));
    stop.abort();
    await expect(work).rejects.toMatchObject({ code: "SECRET_ABORTED" });
  });

  test("ends when the client is closed", async () => {
    const client = open();
    server.next(CALL, "silence");
    const work = client.request(READ);
    await vi.waitFor(() => expect(server.calls).toContain(CALL));
    const refused = expect(work).rejects.toMatchObject({ code: "SECRET_CLOSED" });
    await client.close();
    await refused;
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_CLOSED" });
  });

  test("leaves nothing behind on signals that live on", async () => {
    const client = open();
    const { signal } = new AbortController();
    for (let call = 0; call < 5; call += 1) await client.request(READ, { signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(getEventListeners(client.closed, "abort")).toHaveLength(0);
  });
});
