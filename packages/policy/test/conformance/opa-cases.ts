import assert from "node:assert/strict";
import { createOpaHttpEngine, readOpaEnvironment } from "@symbiont/policy/opa";

const REQUEST = {
  principal: { kind: "agent", id: "a-1" },
  action: "read_file",
  resource: { kind: "tool", id: "files/read_file" },
  context: { args: { path: "/a" } },
} as const;

/** The addresses, the exchange and the answers of the file. */
export function checkOpaCases(
  data: any,
  check: (name: string, run: () => void | Promise<void>) => void,
): void {
  for (const { url, refused } of data.urls) {
    check(`address ${url}`, () => {
      const open = () => createOpaHttpEngine({ url });
      if (refused) assert.throws(open, RangeError);
      else open();
    });
  }
  check("environment", async () => {
    assert.deepEqual(readOpaEnvironment({}), { url: "http://localhost:8181", allowInsecure: false });
    for (const name of Object.keys(data.env))
      assert.match(name, /^SYMBIONT_OPA_(URL|AUTH_TOKEN|ALLOW_INSECURE)$/);
    for (const value of ["1", "true", "TRUE"])
      assert.equal(readOpaEnvironment({ SYMBIONT_OPA_ALLOW_INSECURE: value }).allowInsecure, true);
    assert.equal(readOpaEnvironment({ SYMBIONT_OPA_AUTH_TOKEN: "" }).token, undefined);
    assert.equal(await readOpaEnvironment({ SYMBIONT_OPA_AUTH_TOKEN: "t" }).token?.(), "t");
  });
  check("exchange", async () => {
    const { sent } = await ask({ status: 200, body: {} });
    const [method, path] = data.http.path.split(" ");
    assert.deepEqual([sent?.method, new URL(sent?.url ?? "").pathname], [method, path]);
    const { input } = JSON.parse(sent?.body ?? "");
    assert.deepEqual(
      [input.type, input.tool_name, input.arguments],
      ["tool_call", "read_file", { path: "/a" }],
    );
  });
  for (const { status, body, network, ours } of data.http.responses) {
    check(`answer ${network ?? JSON.stringify([status, body])}`, async () => {
      const { decision } = await ask(network === undefined ? { status, body } : undefined);
      const [, effect, code] = /^(allow|deny)(?: \((engine\.\w+)\))?/.exec(ours) ?? [];
      assert.equal(decision.effect, effect);
      if (code !== undefined) assert.equal(decision.code, code);
    });
  }
}

/** Asks an engine whose server gives this answer, or none. */
async function ask(answer: { readonly status: number; readonly body: unknown } | undefined) {
  let sent: { url: string; method: string; body: string } | undefined;
  const engine = createOpaHttpEngine({
    url: "http://localhost:8181",
    fetch: async (url, init) => {
      sent = { url: url as string, method: init?.method ?? "", body: init?.body as string };
      if (answer === undefined) throw new TypeError("fetch failed");
      const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
      return new Response(text, { status: answer.status });
    },
  });
  return { decision: await engine.decide(REQUEST), sent };
}
