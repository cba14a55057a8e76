import { guardTransport } from "@symbiont/adapters/mcp";
import type { Gate } from "@symbiont/core";
import type { AuditRecord } from "@symbiont/kit";
import { beforeEach, describe, expect, test } from "vitest";
import type { JsonRpcMessage } from "../../src/mcp/json-rpc.ts";
import { openGate } from "../open-gate.ts";
import { ScriptedTransport, settled, tool } from "./scripted-transport.ts";

// Answers under ids that hosts read as another, messages that change, and everything that happens at the same time.

let inner: ScriptedTransport;
let received: JsonRpcMessage[];
let guarded: ScriptedTransport;

function guard(gate: Pick<Gate, "run" | "verifyTools"> = openGate().gate): void {
  inner = new ScriptedTransport();
  received = [];
  guarded = guardTransport(inner, { gate, server: "files", listTimeoutMs: 200 });
  guarded.onmessage = (message) => received.push(message);
}

beforeEach(() => guard());

const list = (id: string | number): JsonRpcMessage => ({ jsonrpc: "2.0", id, method: "tools/list" });
const callOf = (id: string | number, name: string): JsonRpcMessage => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name },
});
const cancelled = (requestId: string | number): JsonRpcMessage => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});
const evil = { tools: [tool("unsigned_evil")] };
const changed: JsonRpcMessage = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };

describe("an id that a host reads as another", () => {
  test.each(["1", " 1", "0x1", "1e0", true, [1], { valueOf: 1 }, null])(
    "%j does not pass for 1",
    async (id) => {
      await guarded.send(list(1));
      inner.say({ jsonrpc: "2.0", id, result: evil } as unknown as JsonRpcMessage);
      await settled();
      expect(received).toEqual([]);
      expect(inner.errors).toHaveLength(1);
      inner.say({ jsonrpc: "2.0", id: 1, result: { tools: [tool("read")] } });
      await settled();
      expect(JSON.stringify(received)).toContain("read");
    },
  );

  test("does not answer a call beside the record", async () => {
    inner.answer = ({ method }) => (method === "tools/list" ? { tools: [tool("read")] } : undefined);
    await guarded.send(list(1));
    await guarded.send(callOf(2, "read"));
    await settled();
    received = [];
    inner.say({ jsonrpc: "2.0", id: "2", result: { content: [] } });
    await settled();
    expect(received).toEqual([]);
  });

  test("answers to other requests pass once, and answers to nothing never", async () => {
    await guarded.send({ jsonrpc: "2.0", id: 7, method: "resources/list" });
    inner.say({ jsonrpc: "2.0", id: 7, result: { resources: [] } });
    inner.say({ jsonrpc: "2.0", id: 7, result: evil });
    inner.say({ jsonrpc: "2.0", id: 8, result: evil });
    await settled();
    expect(received).toEqual([{ jsonrpc: "2.0", id: 7, result: { resources: [] } }]);
  });

  test("an id in use is not given to a second request", async () => {
    await guarded.send(list(1));
    await guarded.send({ jsonrpc: "2.0", id: 1, method: "ping" });
    await guarded.send(list(1));
    expect(inner.methods()).toEqual(["tools/list"]);
    await guarded.send({ jsonrpc: "2.0", id: 2, method: "ping" });
    await guarded.send(list(2));
    inner.say({ jsonrpc: "2.0", id: 2, result: { tools: [] } });
    inner.say({ jsonrpc: "2.0", id: 2, result: evil });
    await settled();
    expect(JSON.stringify(received)).not.toContain("evil");
  });
});

describe("a message that is more than one thing", () => {
  test.each([{ error: null }, { error: { code: 1, message: "no" } }])(
    "a result beside %j is dropped",
    async (beside) => {
      await guarded.send(list(1));
      inner.say({ jsonrpc: "2.0", id: 1, result: evil, ...beside } as unknown as JsonRpcMessage);
      await settled();
      expect(received).toEqual([]);
      expect(inner.errors).toHaveLength(1);
    },
  );

  test("an id behind a getter is read once", async () => {
    await guarded.send(list(1));
    let reads = 0;
    const message = {
      jsonrpc: "2.0",
      get id() {
        reads += 1;
        return reads === 1 ? 99 : 1;
      },
      result: evil,
    };
    inner.say(message as unknown as JsonRpcMessage);
    await settled();
    expect(received).toEqual([]);
  });

  test("what is no message in a batch does not hide what is", async () => {
    await guarded.send(list(1));
    const answer = { jsonrpc: "2.0", id: 1, result: { tools: [tool("read")] } };
    inner.say([null, 7, "x", [answer], answer] as unknown as JsonRpcMessage[]);
    await settled();
    expect(received).toHaveLength(1);
    expect(inner.errors).toHaveLength(4);
  });
});

describe("a host that throws, or is gone", () => {
  test("an error from its callback goes to onerror", async () => {
    guarded.onmessage = () => {
      throw new Error("unknown message ID");
    };
    inner.answer = () => ({ tools: [tool("read")] });
    await guarded.send(list(1));
    await settled();
    expect(inner.errors.map(({ message }) => message)).toEqual(["unknown message ID"]);
  });

  test("it hears nothing after the close", async () => {
    inner.answer = () => ({ tools: [tool("read")] });
    await guarded.send(list(1));
    await guarded.close();
    await settled();
    inner.say({ jsonrpc: "2.0", method: "notifications/message" });
    expect(received).toEqual([]);
  });
});

describe("a host that cancels", () => {
  test("while the intent is being recorded: the call is not sent, and on record as cancelled", async () => {
    const records: AuditRecord[] = [];
    let write = (): void => undefined;
    const { gate } = openGate({
      audit: {
        append: async (record) => {
          if (record.outcome === "attempt") await new Promise<void>((resolve) => (write = resolve));
          return { sequence: records.push(record) - 1 };
        },
      },
    });
    guard(gate);
    inner.answer = ({ method }) => (method === "tools/list" ? { tools: [tool("read")] } : { content: [] });
    await guarded.send(list(1));
    await settled();
    await guarded.send(callOf(2, "read"));
    await settled();
    await guarded.send(cancelled(2));
    write();
    await settled();
    expect(inner.methods()).toEqual(["tools/list"]);
    expect(records.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
      ["attempt", undefined],
      ["denied", 0],
    ]);
  });

  test("by the signal of its request: the call ends, on record, and its id is free", async () => {
    const { gate, records } = openGate();
    guard(gate);
    inner.answer = ({ method }) => (method === "tools/list" ? { tools: [tool("read")] } : undefined);
    await guarded.send(list(1));
    await settled();
    received = [];
    const stop = new AbortController();
    const send = guarded.send.bind(guarded) as (message: object, options: object) => Promise<void>;
    await send(callOf(2, "read"), { requestSignal: stop.signal });
    await settled();
    stop.abort();
    await settled();
    expect(records.map(({ outcome }) => outcome)).toEqual(["attempt", "failure"]);
    inner.say({ jsonrpc: "2.0", id: 2, result: { content: [] } });
    expect(received).toEqual([]);
    await guarded.send(callOf(2, "read"));
    await settled();
    expect(inner.methods()).toEqual(["tools/list", "tools/call", "tools/call"]);
  });

  test("its list: a late answer is dropped", async () => {
    await guarded.send(list(1));
    await guarded.send(cancelled(1));
    inner.say({ jsonrpc: "2.0", id: 1, result: evil });
    await settled();
    expect(received).toEqual([]);
  });
});

test("an answer counts even when the sending never settles", async () => {
  inner.answer = () => ({ tools: [tool("read")] });
  await guarded.send(list(1));
  await settled();
  received = [];
  inner.send = async () => new Promise(() => undefined);
  await guarded.send(callOf(2, "read"));
  await settled();
  inner.say({ jsonrpc: "2.0", id: 2, result: { content: [] } });
  await settled();
  expect(received).toHaveLength(1);
});

describe("lists that overlap", () => {
  /** A gate whose first list takes longest to verify. */
  function slowFirst(): Pick<Gate, "run" | "verifyTools"> {
    const { gate } = openGate();
    let first = true;
    return {
      run: gate.run.bind(gate),
      verifyTools: async (tools, server) => {
        if (first) {
          first = false;
          for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        }
        return gate.verifyTools(tools, server);
      },
    };
  }

  test("an older list that is verified last does not stand", async () => {
    guard(slowFirst());
    await guarded.send(list(1));
    inner.say(changed);
    await guarded.send(list(2));
    inner.say({ jsonrpc: "2.0", id: 1, result: { tools: [tool("old")] } });
    inner.say({ jsonrpc: "2.0", id: 2, result: { tools: [tool("new")] } });
    await settled();
    await guarded.send(callOf(3, "old"));
    await settled();
    expect(inner.methods()).toEqual(["tools/list", "tools/list"]);
  });

  test("an older list that is answered last is not trusted with calls", async () => {
    await guarded.send(list(1));
    inner.say(changed);
    await guarded.send(list(2));
    inner.say({ jsonrpc: "2.0", id: 2, result: { tools: [tool("new")] } });
    await settled();
    inner.say({ jsonrpc: "2.0", id: 1, result: { tools: [tool("old")] } });
    await settled();
    inner.answer = () => ({ tools: [tool("new")] });
    await guarded.send(callOf(3, "old"));
    await settled();
    expect(inner.methods()).toEqual(["tools/list", "tools/list", "tools/list"]);
    expect(JSON.stringify(received.at(-1))).toContain("GATE_TOOL_NOT_VERIFIED");
  });

  test("a change while a call is judged stops it", async () => {
    let decide = (): void => undefined;
    const { gate, records } = openGate({
      policy: {
        decide: async () => {
          await new Promise<void>((resolve) => (decide = resolve));
          return { effect: "allow", code: "allow.rule", reason: "fine", rules: [] };
        },
      },
    });
    guard(gate);
    inner.answer = ({ method }) => (method === "tools/list" ? { tools: [tool("read")] } : { content: [] });
    await guarded.send(list(1));
    await settled();
    await guarded.send(callOf(2, "read"));
    await settled();
    inner.say(changed);
    decide();
    await settled();
    expect(inner.methods()).toEqual(["tools/list"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["attempt", "failure"]);
    expect(received.at(-1)).toHaveProperty("error");
  });

  test("a change while the guard lists again stops the call as well", async () => {
    inner.answer = ({ method }) => (method === "tools/list" ? { tools: [tool("read")] } : { content: [] });
    await guarded.send(list(1));
    await settled();
    inner.say(changed);
    const say = inner.say.bind(inner);
    inner.say = (message) => {
      say(message);
      say(changed);
    };
    await guarded.send(callOf(2, "read"));
    await settled();
    expect(inner.methods()).toEqual(["tools/list", "tools/list"]);
    expect(received.find(({ id }) => id === 2)).toHaveProperty("error");
  });

  test("a server that drips pages has one deadline for all of them", async () => {
    inner.answer = () => ({ tools: [tool("read")] });
    await guarded.send(list(1));
    await settled();
    let page = 0;
    inner.answer = () => undefined;
    inner.say(changed);
    const send = inner.send.bind(inner);
    inner.send = async (message) => {
      await send(message);
      page += 1;
      const nextCursor = String(page);
      setTimeout(
        () => inner.say({ jsonrpc: "2.0", id: message.id ?? 0, result: { tools: [], nextCursor } }),
        90,
      );
    };
    await guarded.send(callOf(2, "read"));
    await expect.poll(() => JSON.stringify(received.at(-1)), { timeout: 2_000 }).toContain("GATE_TOOL");
    expect(page).toBeLessThan(6);
  });
});

test.each(["maxPages", "maxTools", "listTimeoutMs"])("%s must be a number that bounds", (name) => {
  const { gate } = openGate();
  for (const value of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY]) {
    expect(() => guardTransport(inner, { gate, server: "files", [name]: value })).toThrow(RangeError);
  }
});
