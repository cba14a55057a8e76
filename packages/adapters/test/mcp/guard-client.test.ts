import * as v2 from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as InMemoryTransportV1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { guardClient } from "@symbiont/adapters/mcp";
import { describe, expect, test } from "vitest";
import type { JsonRpcMessage } from "../../src/mcp/json-rpc.ts";
import { openGate } from "../open-gate.ts";
import { tool } from "./scripted-transport.ts";

interface FarEnd {
  onmessage?: ((message: never) => void) | undefined;
  start(): Promise<void>;
  send(message: never): Promise<void>;
}

/** A server that gives one tool a page, and the calls it got. */
async function servePages(far: FarEnd, pages: readonly (readonly object[])[]) {
  const calls: unknown[] = [];
  const say = async (message: object): Promise<void> => far.send(message as never);
  const answers: Record<string, (params: Record<string, unknown>) => object> = {
    initialize: ({ protocolVersion }) => ({
      protocolVersion,
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: "files", version: "1" },
    }),
    "tools/list": ({ cursor = 0 }) => {
      const next = Number(cursor) + 1;
      return { tools: pages[Number(cursor)], ...(next < pages.length ? { nextCursor: String(next) } : {}) };
    },
    "tools/call": ({ name }) => {
      calls.push(name);
      return { content: [{ type: "text", text: "done" }] };
    },
  };
  far.onmessage = ({ id, method = "", params = {} }: JsonRpcMessage) => {
    const result = answers[method]?.(params);
    if (result !== undefined) void say({ jsonrpc: "2.0", id, result });
  };
  await far.start();
  return { calls, changed: () => say({ jsonrpc: "2.0", method: "notifications/tools/list_changed" }) };
}

const pages = [[tool("read")], [tool("unsigned")], [tool("write"), tool("forbidden")]];

async function open(
  version: "v1" | "v2",
  served = pages,
  more: { maxPages?: number; maxTools?: number } = {},
) {
  const pair = version === "v1" ? InMemoryTransportV1 : v2.InMemoryTransport;
  const [near, far] = pair.createLinkedPair();
  const server = await servePages(far, served);
  const plain =
    version === "v1"
      ? new ClientV1({ name: "host", version: "1" })
      : new v2.Client({ name: "host", version: "1" });
  const client = guardClient(plain as v2.Client, { gate: openGate().gate, server: "files", ...more });
  await client.connect(near);
  return { ...server, client, plain };
}

describe.each(["v1", "v2"] as const)("a guarded %s client", (version) => {
  test("does not leave the client itself behind, unguarded", async () => {
    const { plain, client } = await open(version);
    await client.close();
    const [near] = (version === "v1" ? InMemoryTransportV1 : v2.InMemoryTransport).createLinkedPair();
    await expect(plain.connect(near as never)).rejects.toThrow("guardClient has returned");
    expect(plain.transport).toBeUndefined();
  });

  test("lists the verified tools of all pages, frozen to the ground", async () => {
    const { client } = await open(version);
    const { tools, nextCursor } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["read", "write", "forbidden"]);
    expect(nextCursor).toBeUndefined();
    expect(Object.isFrozen(tools) && Object.isFrozen(tools[0]?.inputSchema)).toBe(true);
    await client.close();
  });

  test("calls what is verified and allowed, and nothing else", async () => {
    const { client, plain, calls } = await open(version);
    await client.listTools();
    expect(await client.callTool({ name: "write" })).toMatchObject({ content: [{ text: "done" }] });
    expect(await client.callTool({ name: "unsigned" })).toMatchObject({ isError: true });
    // The client underneath is guarded too: the gate is around its transport.
    expect(await (plain as v2.Client).callTool({ name: "forbidden" })).toMatchObject({ isError: true });
    expect(calls).toEqual(["write"]);
    await client.close();
  });

  test("lists again before a call when the server says that its tools changed", async () => {
    const served: object[][] = [[tool("read")]];
    const { client, calls, changed } = await open(version, served as never);
    await client.listTools();
    served[0] = [tool("unsigned")];
    await changed();
    expect(await client.callTool({ name: "read" })).toMatchObject({ isError: true });
    expect(calls).toEqual([]);
    await client.close();
  });

  test.each([{ maxPages: 2 }, { maxTools: 2 }])("refuses a list that is longer than %o", async (limit) => {
    const { client } = await open(version, pages, limit);
    await expect(client.listTools()).rejects.toThrow();
    await client.close();
  });

  test("gives one page when asked for one", async () => {
    const { client } = await open(version);
    await client.listTools();
    const { tools } = await client.listTools({ cursor: "2" });
    expect(tools.map(({ name }) => name)).toEqual(["write", "forbidden"]);
    await client.close();
  });

  test("cannot be made of a client that is connected already", async () => {
    const { client, plain } = await open(version);
    expect(() => guardClient(plain as v2.Client, { gate: openGate().gate, server: "files" })).toThrow(
      TypeError,
    );
    await client.close();
  });

  test("hands members through in both directions", async () => {
    const { client, plain } = await open(version);
    expect(client.getServerVersion()).toMatchObject({ name: "files" });
    const onclose = (): void => undefined;
    client.onclose = onclose;
    expect((plain as v2.Client).onclose).toBe(onclose);
    await client.close();
  });
});
