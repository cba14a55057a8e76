import { guardTransport } from "@symbiont/adapters/mcp";
import type { GateOptions } from "@symbiont/core";
import { beforeEach, describe, expect, test } from "vitest";
import type { JsonRpcMessage } from "../../src/mcp/json-rpc.ts";
import { openGate } from "../open-gate.ts";
import { ScriptedTransport, settled, tool } from "./scripted-transport.ts";

let inner: ScriptedTransport;
let received: JsonRpcMessage[];
let records: ReturnType<typeof openGate>["records"];
let guarded: ScriptedTransport;

function connect(ports: Partial<GateOptions> = {}, context?: () => Record<string, unknown>): void {
  const opened = openGate(ports);
  records = opened.records;
  guarded = guardTransport(inner, {
    gate: opened.gate,
    server: "files",
    maxPages: 3,
    maxTools: 5,
    listTimeoutMs: 50,
    ...(context === undefined ? {} : { context }),
  });
  guarded.onmessage = (message) => received.push(message);
}

beforeEach(() => {
  inner = new ScriptedTransport();
  received = [];
  inner.answer = ({ method, params }) => {
    if (method === "tools/list") return { tools: [tool("read"), tool("unsigned"), tool("forbidden")] };
    if (method === "tools/call") return { content: [{ type: "text", text: JSON.stringify(params) }] };
    return {};
  };
  connect();
});

const request = (id: number | string, method: string, params?: Record<string, unknown>): JsonRpcMessage => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params === undefined ? {} : { params }),
});

async function list(cursor?: string): Promise<void> {
  await guarded.send(request("list", "tools/list", cursor === undefined ? {} : { cursor }));
  await settled();
}

async function callTool(
  id: number | string,
  name: string,
  given: unknown = { path: "/a" },
): Promise<JsonRpcMessage | undefined> {
  await guarded.send(request(id, "tools/call", { name, arguments: given, _meta: { progressToken: 1 } }));
  await settled();
  return received.find((message) => message.id === id);
}

/** The code in a denied call's answer. */
function denialCode(message: JsonRpcMessage | undefined): unknown {
  const { content, isError } = message?.result as { content: { text: string }[]; isError: boolean };
  expect(isError).toBe(true);
  return (JSON.parse(content[0]?.text ?? "") as { code: unknown }).code;
}

describe("a tool list", () => {
  test("reaches the host with verified tools only", async () => {
    await list();
    expect(received[0]?.result).toMatchObject({ tools: [{ name: "read" }, { name: "forbidden" }] });
    expect(records).toMatchObject([
      { type: "tool.verify", outcome: "denied", resource: { id: "files/unsigned" } },
    ]);
  });

  test("is verified page by page, and keeps its cursor", async () => {
    inner.answer = ({ params }) =>
      params?.["cursor"] === "2" ? { tools: [tool("write")] } : { tools: [tool("read")], nextCursor: "2" };
    await list();
    await list("2");
    expect(received.map(({ result }) => result)).toEqual([
      { tools: [tool("read")], nextCursor: "2" },
      { tools: [tool("write")] },
    ]);
    inner.answer = () => ({ content: [] });
    expect((await callTool(1, "read"))?.result).toEqual({ content: [] });
  });

  test("that is malformed, too long or in too many pages is an error, not a list", async () => {
    for (const result of [
      {},
      { tools: "x" },
      { tools: Array.from({ length: 6 }, (_, index) => tool(`t${index}`)) },
    ]) {
      inner.answer = () => result;
      await list();
      expect(received.pop()).toMatchObject({
        id: "list",
        error: { message: "the tool list could not be verified" },
      });
    }
    inner.answer = () => ({ tools: [], nextCursor: "again" });
    await list();
    for (let page = 2; page <= 3; page += 1) await list("again");
    expect(received.pop()).toHaveProperty("result");
    await list("again");
    expect(received.pop()).toHaveProperty("error");
  });

  test("leaves out what is not a tool definition", async () => {
    inner.answer = () => ({
      tools: [null, 1, [], {}, { name: 1, inputSchema: {} }, { name: "x" }, tool("read")],
    });
    await list();
    expect(received[0]?.result).toEqual({ tools: [tool("read")] });
  });

  test("passes the server's error on", async () => {
    inner.answer = () => undefined;
    await list();
    inner.say({ jsonrpc: "2.0", id: "list", error: { code: -1, message: "no" } });
    await settled();
    expect(received).toEqual([{ jsonrpc: "2.0", id: "list", error: { code: -1, message: "no" } }]);
  });
});

describe("a tool call", () => {
  test("that is allowed reaches the server once, with the judged arguments and everything else unchanged", async () => {
    await list();
    const answer = await callTool(1, "read");
    expect(inner.sent[1]).toEqual(
      request(1, "tools/call", { name: "read", arguments: { path: "/a" }, _meta: { progressToken: 1 } }),
    );
    expect(answer?.result).toHaveProperty("content");
    expect(records.slice(1).map(({ outcome }) => outcome)).toEqual(["attempt", "success"]);
  });

  test.each([
    ["forbidden by policy", "forbidden", "deny.rule"],
    ["of an unsigned tool", "unsigned", "GATE_TOOL_NOT_VERIFIED"],
    ["of a tool that was never listed", "hidden", "GATE_TOOL_NOT_VERIFIED"],
    ["of a name that objects have anyway", "__proto__", "GATE_TOOL_NOT_VERIFIED"],
    ["without a name", undefined as unknown as string, "GATE_TOOL_NOT_VERIFIED"],
  ])("%s never reaches the server", async (_, name, code) => {
    await list();
    expect(denialCode(await callTool(1, name))).toBe(code);
    expect(inner.methods()).toEqual(["tools/list"]);
    expect(records.at(-1)).toMatchObject({ outcome: "denied", error: { code } });
  });

  test("before any list is denied", async () => {
    expect(denialCode(await callTool(1, "read"))).toBe("GATE_TOOL_NOT_VERIFIED");
    expect(inner.sent).toEqual([]);
  });

  test("whose arguments are not an object is refused", async () => {
    await list();
    for (const given of ["text", 1, [1], true]) {
      received = [];
      expect(denialCode(await callTool(1, "read", given))).toBe("args.not_object");
    }
    expect(inner.methods()).toEqual(["tools/list"]);
  });

  test("that the server answers with an error or an error result is recorded as a failure", async () => {
    await list();
    inner.answer = () => ({ content: [], isError: true });
    expect((await callTool(1, "read"))?.result).toEqual({ content: [], isError: true });
    inner.answer = () => undefined;
    await guarded.send(request(2, "tools/call", { name: "read" }));
    await settled();
    inner.say({ jsonrpc: "2.0", id: 2, error: { code: 7, message: "server error" } });
    await settled();
    expect(received.at(-1)).toMatchObject({ id: 2, error: { code: 7 } });
    expect(records.slice(1).map(({ outcome }) => outcome)).toEqual([
      "attempt",
      "failure",
      "attempt",
      "failure",
    ]);
  });

  test("whose outcome cannot be recorded says that it ran, and withholds the result", async () => {
    let appended = 0;
    const append = async () => {
      appended += 1;
      if (appended > 2) throw new Error("disk full");
      return { sequence: appended };
    };
    connect({ audit: { append } });
    await list();
    const text = JSON.stringify(await callTool(1, "read"));
    expect(text).toContain("GATE_OUTCOME_NOT_RECORDED");
    expect(text).toContain('effectCompleted\\":true');
    expect(text).not.toContain("/a");
  });

  test("whose facts cannot be asked for is denied, on record, and not sent", async () => {
    connect({}, () => {
      throw new Error("hunter2");
    });
    await list();
    const answer = await callTool(1, "read");
    expect(denialCode(answer)).toBe("GATE_STAGE_FAILED");
    expect(JSON.stringify(answer)).not.toContain("hunter2");
    expect(inner.methods()).toEqual(["tools/list"]);
    expect(records.at(-1)).toMatchObject({ outcome: "denied", error: { code: "GATE_STAGE_FAILED" } });
  });

  test("that cannot be sent is answered with an error that names nothing", async () => {
    await list();
    inner.send = async () => Promise.reject(new Error("pipe broke at 10.0.0.7"));
    expect(await callTool(1, "read")).toEqual({
      jsonrpc: "2.0",
      id: 1,
      error: { code: -32603, message: "the call failed before the server answered" },
    });
    expect(records.at(-1)).toMatchObject({ outcome: "failure" });
  });
});

describe("cancelling", () => {
  test("a call that waits in the gate keeps it from the server", async () => {
    connect({ policy: { decide: async () => new Promise(() => undefined) } });
    await list();
    await guarded.send(request(1, "tools/call", { name: "read" }));
    await settled();
    await guarded.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    await settled();
    expect(inner.methods()).toEqual(["tools/list"]);
    expect(records.at(-1)).toMatchObject({ error: { code: "GATE_CANCELLED" } });
    expect(received).toHaveLength(1);
  });

  test("a call that the server has is passed on, and recorded as a failure", async () => {
    await list();
    inner.answer = () => undefined;
    await guarded.send(request(1, "tools/call", { name: "read" }));
    await settled();
    await guarded.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    await settled();
    expect(inner.methods()).toEqual(["tools/list", "tools/call", "notifications/cancelled"]);
    expect(records.at(-1)).toMatchObject({ outcome: "failure" });
  });

  test("a connection that closes fails its open calls", async () => {
    let closed = false;
    await list();
    inner.answer = () => undefined;
    guarded.onclose = () => {
      closed = true;
    };
    await guarded.send(request(1, "tools/call", { name: "read" }));
    await settled();
    await guarded.close();
    await settled();
    expect(closed).toBe(true);
    expect(records.at(-1)).toMatchObject({ outcome: "failure" });
  });
});

describe("after tools/list_changed", () => {
  const changed: JsonRpcMessage = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };

  test("the next call waits for a new list of the guard's own", async () => {
    await list();
    inner.say(changed);
    inner.answer = ({ method }) =>
      method === "tools/list" ? { tools: [tool("unsigned")] } : { content: [] };
    expect(denialCode(await callTool(1, "read"))).toBe("GATE_TOOL_NOT_VERIFIED");
    expect(inner.methods()).toEqual(["tools/list", "tools/list"]);
    expect(received.filter(({ method }) => method !== undefined)).toEqual([changed]);
  });

  test("and no answer to that list, every call is denied", async () => {
    await list();
    inner.say(changed);
    inner.answer = () => undefined;
    await guarded.send(request(1, "tools/call", { name: "read" }));
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(denialCode(received.find(({ id }) => id === 1))).toBe("GATE_TOOL_NOT_VERIFIED");
  });

  test("the host's own new list serves as well", async () => {
    await list();
    inner.say(changed);
    await list();
    expect((await callTool(1, "read"))?.result).toHaveProperty("content");
    expect(inner.methods()).toEqual(["tools/list", "tools/list", "tools/call"]);
  });

  test("a list that was asked for before the notice does not serve", async () => {
    await list();
    inner.answer = () => undefined;
    await guarded.send(request("old", "tools/list"));
    inner.say(changed);
    inner.say({ jsonrpc: "2.0", id: "old", result: { tools: [tool("read")] } });
    await settled();
    inner.answer = ({ method }) => (method === "tools/list" ? { tools: [] } : { content: [] });
    expect(denialCode(await callTool(1, "read"))).toBe("GATE_TOOL_NOT_VERIFIED");
  });
});

describe("everything else", () => {
  test("passes unchanged in both directions", async () => {
    const messages: JsonRpcMessage[] = [
      request(9, "resources/list", { cursor: "x" }),
      { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 2 } },
      request("s-1", "sampling/createMessage", { messages: [] }),
      { jsonrpc: "2.0", id: 9, result: { resources: [] } },
      { jsonrpc: "2.0", id: "s-1", error: { code: 1, message: "x" } },
    ];
    inner.answer = () => undefined;
    for (const message of messages) await guarded.send(message);
    expect(inner.sent).toEqual(messages);
    for (const message of messages) inner.say(message);
    expect(received).toEqual(messages);
  });

  test("members that hosts set and read reach the transport itself", () => {
    expect(guarded.sessionId).toBe("kept in a private field");
    (guarded as unknown as { protocolVersion: string }).protocolVersion = "2025-11-25";
    expect((inner as unknown as { protocolVersion: string }).protocolVersion).toBe("2025-11-25");
    expect(guarded).toBeInstanceOf(ScriptedTransport);
  });
});

describe("a credential", () => {
  test("that is a function is asked at the moment of each call, so that nobody's call goes out as another's", async () => {
    let caller: string | undefined = "kim";
    const { gate } = openGate({
      identity: {
        audience: "gateway",
        verifier: {
          verify: async (credential) => {
            if (credential === "") throw new Error("nobody");
            return { kind: "user", id: credential };
          },
        },
      },
      policy: {
        decide: ({ principal }) => ({ effect: "deny", code: `for.${principal.id}`, reason: "no", rules: [] }),
      },
    });
    guarded = guardTransport(inner, { gate, server: "files", credential: () => caller });
    guarded.onmessage = (message) => received.push(message);
    await list();
    const first = guarded.send(request(1, "tools/call", { name: "read", arguments: {} }));
    caller = "eve";
    const second = guarded.send(request(2, "tools/call", { name: "read", arguments: {} }));
    caller = undefined;
    const third = guarded.send(request(3, "tools/call", { name: "read", arguments: {} }));
    await Promise.all([first, second, third]);
    await settled();
    const codes = [1, 2, 3].map((id) => denialCode(received.find((message) => message.id === id)));
    expect(codes).toEqual(["for.kim", "for.eve", "GATE_IDENTITY_REFUSED"]);
  });

  test("that cannot be told fails the call, and nothing is sent", async () => {
    const { gate } = openGate();
    const credential = (): string => {
      throw new Error("no caller");
    };
    guarded = guardTransport(inner, { gate, server: "files", credential });
    guarded.onmessage = (message) => received.push(message);
    await list();
    expect((await callTool(1, "read"))?.error).toBeDefined();
    expect(inner.methods()).not.toContain("tools/call");
  });
});
