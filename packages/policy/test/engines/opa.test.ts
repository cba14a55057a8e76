import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { DecisionPoint, DecisionRequest } from "@symbiont/kit";
import {
  createOpaHttpEngine,
  type LoadOpaWasm,
  OpaWasmEngine,
  readOpaEnvironment,
} from "@symbiont/policy/opa";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { buildWasm, noOpa, startOpa } from "./opa-server.ts";

const REGO = `package symbiont.main

allow if {
  input.type == "tool_call"
  input.tool_name == "read_file"
  startswith(input.arguments.path, "/srv/")
  "reader" in input.principal.roles
}
`;

function request(overrides: Partial<DecisionRequest> = {}): DecisionRequest {
  return {
    principal: { kind: "agent", id: "worker", roles: ["reader"] },
    action: "read_file",
    resource: { kind: "tool", id: "files/read_file" },
    context: { args: { path: "/srv/a" }, server: "files" },
    ...overrides,
  };
}

async function behavesLikeThePolicy(engine: DecisionPoint): Promise<void> {
  const code = async (overrides: Partial<DecisionRequest>) => (await engine.decide(request(overrides))).code;
  expect(await engine.decide(request())).toMatchObject({
    effect: "allow",
    code: "allow.policy",
    engine: "opa",
  });
  expect(await code({ context: { args: { path: "/etc/passwd" } } })).toBe("default");
  expect(await code({ principal: { kind: "agent", id: "worker" } })).toBe("default");
  expect(await code({ action: "write_file" })).toBe("default");
  expect(await code({ resource: { kind: "job", id: "x" } })).toBe("default");
}

describe.skipIf(noOpa !== "")(`a real OPA${noOpa}`, () => {
  let server: Awaited<ReturnType<typeof startOpa>>;
  beforeAll(async () => {
    server = await startOpa(REGO);
  }, 60_000);
  afterAll(async () => server.stop());

  test("decides over HTTP as the policy says", async () => {
    await behavesLikeThePolicy(createOpaHttpEngine({ url: server.url, timeoutMs: 10_000 }));
  });

  test("denies what is asked of a rule that is not there", async () => {
    const engine = createOpaHttpEngine({ url: server.url, path: "symbiont/main/alow", timeoutMs: 10_000 });
    expect(await engine.decide(request())).toMatchObject({ effect: "deny", code: "default" });
  });

  test("decides in WebAssembly as the policy says", async () => {
    const engine = await OpaWasmEngine.open({ wasm: buildWasm(REGO) });
    expect(engine.error).toBeUndefined();
    await behavesLikeThePolicy(engine);
  });

  test("reads data, and a decision object with a reason", async () => {
    const rego = `package symbiont.main
allow := {"allow": data.open, "reason": "office hours"}`;
    const wasm = buildWasm(rego);
    const open = await OpaWasmEngine.open({ wasm, data: { open: true } });
    expect(open.decide(request())).toMatchObject({ effect: "allow", reason: "office hours" });
    const closed = await OpaWasmEngine.open({ wasm, data: { open: false } });
    expect(closed.decide(request())).toMatchObject({
      effect: "deny",
      code: "deny.policy",
      reason: "office hours",
    });
    const without = await OpaWasmEngine.open({ wasm });
    expect(without.decide(request())).toMatchObject({ effect: "deny", code: "default" });
  });

  test("a policy that would ask the network denies in WebAssembly", async () => {
    const rego = `package symbiont.main
allow if http.send({"method": "get", "url": "http://127.0.0.1:1"}).status_code == 200`;
    const engine = await OpaWasmEngine.open({ wasm: buildWasm(rego) });
    expect(engine.decide(request())).toMatchObject({ effect: "deny", code: "engine.unavailable" });
  });

  test("an entry point that is not there denies", async () => {
    const engine = await OpaWasmEngine.open({ wasm: buildWasm(REGO), entrypoint: "symbiont/main/deny" });
    expect(engine.decide(request())).toMatchObject({ effect: "deny", code: "engine.unavailable" });
  });
});

describe("a server that is not what it should be", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  async function serving(listener: RequestListener, options = {}): Promise<DecisionPoint> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return createOpaHttpEngine({ url: `http://127.0.0.1:${port}`, timeoutMs: 15_000, ...options });
  }
  const answering =
    (body: string): RequestListener =>
    (_, response) =>
      response.end(body);

  test.each<[string, RequestListener, string]>([
    [
      "redirects",
      (_, response) => response.writeHead(307, { location: "/v1/allow" }).end(),
      "engine.unavailable",
    ],
    ["never answers", () => undefined, "engine.unavailable"],
    ["answers half", (_, response) => void response.write('{"result":'), "engine.unavailable"],
    ["answers without end", answering(`{"result":true,"x":"${"x".repeat(1_100_000)}"}`), "engine.protocol"],
    ["answers 404", (_, response) => response.writeHead(404).end('{"result":true}'), "engine.unavailable"],
    ["answers twice", answering('{"result":true,"result":false}'), "engine.protocol"],
    ["answers a list", answering("[true]"), "engine.protocol"],
    ["answers a number", answering('{"result":1}'), "engine.protocol"],
    ["answers null", answering('{"result":null}'), "engine.protocol"],
    ["answers an object without allow", answering('{"result":{"allowed":true}}'), "engine.protocol"],
    ["answers allow as text", answering('{"result":{"allow":"true"}}'), "engine.protocol"],
  ])("denies when it %s", async (name, listener, code) => {
    // Only those who keep us waiting are waited for; a busy machine must not make a timeout of an answer.
    const isSilent = name === "never answers" || name === "answers half";
    const engine = await serving(listener, { timeoutMs: isSilent ? 200 : 15_000 });
    expect(await engine.decide(request())).toMatchObject({ effect: "deny", code });
    server?.closeAllConnections();
  });

  test.each<[string, unknown]>([
    ["NaN", Number.NaN],
    ["a date", new Date()],
    ["a function", () => 1],
    ["a bigint", 1n],
    ["a lone surrogate", "\ud800"],
  ])("is not asked with %s in the context, which JSON would turn into something else", async (_, value) => {
    let isAsked = false;
    const engine = await serving((__, response) => {
      isAsked = true;
      response.end('{"result":true}');
    });
    const asked = request({ context: { value } });
    expect(await engine.decide(asked)).toMatchObject({ effect: "deny", code: "engine.request" });
    expect(isAsked).toBe(false);
    const load: LoadOpaWasm = async () => ({ setData: () => undefined, evaluate: () => [{ result: true }] });
    const compiled = await OpaWasmEngine.open({ wasm: new Uint8Array(4), load });
    expect(compiled.decide(asked)).toMatchObject({ effect: "deny", code: "engine.request" });
  });

  test("gets arguments as deep as arguments may be", async () => {
    let args: unknown = 1;
    for (let level = 0; level < 63; level += 1) args = { a: args };
    const engine = await serving(answering('{"result":true}'));
    expect((await engine.decide(request({ context: { args } }))).effect).toBe("allow");
  });

  test("gets the token as a bearer, and none when there is none to give", async () => {
    const seen: unknown[] = [];
    const engine = await serving(
      ({ headers }, response) => {
        seen.push(headers.authorization);
        response.end('{"result":true}');
      },
      { token: async () => "t0ken" },
    );
    expect((await engine.decide(request())).effect).toBe("allow");
    expect(seen).toEqual(["Bearer t0ken"]);
    const failing = await serving(answering('{"result":true}'), {
      token: async () => Promise.reject(new Error("x")),
    });
    expect(await failing.decide(request())).toMatchObject({ effect: "deny", code: "engine.unavailable" });
  });

  test.each([
    "ftp://localhost",
    "opa",
    "http://user:secret@localhost",
    "https://opa.example/?x=1",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
  ])("is refused at once when its address is %s, and the message does not repeat it", (url) => {
    expect(() => createOpaHttpEngine({ url })).toThrow(RangeError);
    expect(() => createOpaHttpEngine({ url })).not.toThrow(/secret|evil/);
  });

  test.each(["", "../secrets", "a.b", "a//b", "a?x"])("is not asked for the path %j", (path) => {
    expect(() => createOpaHttpEngine({ url: "http://localhost", path })).toThrow(RangeError);
  });

  test("plain text to another machine cannot be switched on in production", () => {
    const environment = { SYMBIONT_OPA_ALLOW_INSECURE: "true", SYMBIONT_ENV: "production" };
    expect(() => readOpaEnvironment(environment)).toThrow(RangeError);
  });
});

describe("OpaWasmEngine", () => {
  const wasm = new Uint8Array(4);

  test("denies when the policy cannot be loaded, with the reason in `error`", async () => {
    const engine = await OpaWasmEngine.open({ wasm });
    expect(engine.error).toBeDefined();
    expect(engine.decide(request())).toMatchObject({ effect: "deny", code: "engine.unavailable" });
  });

  test("throws an instance away that has failed, and goes on with a new one", async () => {
    let loaded = 0;
    const load: LoadOpaWasm = async () => {
      loaded += 1;
      const isBroken = loaded === 1;
      return {
        setData: () => undefined,
        evaluate: () => {
          if (isBroken) throw new Error("unreachable");
          return [{ result: true }];
        },
      };
    };
    const engine = await OpaWasmEngine.open({ wasm, load });
    expect(engine.decide(request())).toMatchObject({ effect: "deny", code: "engine.unavailable" });
    await vi.waitFor(() => expect(engine.decide(request()).effect).toBe("allow"));
    expect(loaded).toBe(2);
  });

  test.each<[unknown, string]>([
    [[], "default"],
    [[{ result: "true" }], "engine.protocol"],
    [[{ result: true }, { result: false }], "engine.protocol"],
    [true, "engine.protocol"],
    [undefined, "engine.protocol"],
  ])("a result set of %j denies", async (set, code) => {
    const load: LoadOpaWasm = async () => ({ setData: () => undefined, evaluate: () => set });
    const engine = await OpaWasmEngine.open({ wasm, load });
    expect(engine.decide(request())).toMatchObject({ effect: "deny", code });
  });
});
