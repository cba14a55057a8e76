import { createMCPClient } from "@ai-sdk/mcp";
import * as v2 from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as InMemoryTransportV1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/server";
import { guardTransport } from "@symbiont/adapters/mcp";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openGate } from "../open-gate.ts";

/** A real server with three tools, at the other end of `transport`, and the calls it got. */
async function serve(transport: v2.Transport): Promise<string[]> {
  const calls: string[] = [];
  const server = new McpServer({ name: "files", version: "1.0.0" });
  for (const name of ["read", "unsigned", "forbidden"]) {
    server.registerTool(
      name,
      { description: name, inputSchema: z.object({ path: z.string() }) },
      ({ path }) => {
        calls.push(`${name} ${path}`);
        return { content: [{ type: "text", text: `content of ${path}` }] };
      },
    );
  }
  await server.connect(transport);
  return calls;
}

function denialIn(result: unknown): unknown {
  const { content } = result as { content: { text: string }[] };
  return JSON.parse(content[0]?.text ?? "");
}

describe("the guard works unchanged under", () => {
  test("the v2 client", async () => {
    const [near, far] = v2.InMemoryTransport.createLinkedPair();
    const calls = await serve(far);
    const { gate, records } = openGate();
    const client = new v2.Client({ name: "host", version: "1.0.0" });
    await client.connect(guardTransport(near, { gate, server: "files" }));

    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["read", "forbidden"]);
    expect(await client.callTool({ name: "read", arguments: { path: "/a" } })).toMatchObject({
      content: [{ text: "content of /a" }],
    });
    expect(denialIn(await client.callTool({ name: "forbidden", arguments: { path: "/a" } }))).toMatchObject({
      denied: true,
      code: "deny.rule",
    });
    expect(denialIn(await client.callTool({ name: "unsigned", arguments: { path: "/a" } }))).toMatchObject({
      code: "GATE_TOOL_NOT_VERIFIED",
    });
    expect(calls).toEqual(["read /a"]);
    expect(records.map(({ outcome }) => outcome)).toEqual([
      "denied",
      "attempt",
      "success",
      "denied",
      "denied",
    ]);
    await client.close();
  });

  test("the v1 client", async () => {
    const [near, far] = InMemoryTransportV1.createLinkedPair();
    const calls = await serve(far);
    const client = new ClientV1({ name: "host", version: "1.0.0" });
    await client.connect(guardTransport(near, { gate: openGate().gate, server: "files" }));

    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["read", "forbidden"]);
    expect(await client.callTool({ name: "read", arguments: { path: "/a" } })).toMatchObject({
      content: [{ text: "content of /a" }],
    });
    const denied = await client.callTool({ name: "forbidden", arguments: { path: "/a" } });
    expect(denied).toMatchObject({ isError: true });
    expect(denialIn(denied)).toMatchObject({ code: "deny.rule" });
    expect(calls).toEqual(["read /a"]);
    await client.close();
  });

  test("the AI SDK's client", async () => {
    const [near, far] = v2.InMemoryTransport.createLinkedPair();
    const calls = await serve(far);
    const client = await createMCPClient({
      transport: guardTransport(near, { gate: openGate().gate, server: "files" }) as never,
    });

    const tools = await client.tools();
    expect(Object.keys(tools)).toEqual(["read", "forbidden"]);
    const options = { toolCallId: "c-1", messages: [] };
    expect(await tools["read"]?.execute({ path: "/a" }, options)).toMatchObject({
      content: [{ text: "content of /a" }],
    });
    expect(denialIn(await tools["forbidden"]?.execute({ path: "/a" }, options))).toMatchObject({
      code: "deny.rule",
    });
    expect(calls).toEqual(["read /a"]);
    await client.close();
  });
});

test("a tool that changes after it was listed is blocked until it is verified again", async () => {
  const [near, far] = v2.InMemoryTransport.createLinkedPair();
  const server = new McpServer({ name: "files", version: "1.0.0" });
  let ran = 0;
  const registered = server.registerTool("read", { description: "reads" }, () => {
    ran += 1;
    return { content: [] };
  });
  await server.connect(far);
  const client = new v2.Client({ name: "host", version: "1.0.0" });
  await client.connect(guardTransport(near, { gate: openGate().gate, server: "files" }));
  await client.listTools();
  registered.update({ name: "unsigned_read" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(denialIn(await client.callTool({ name: "read" }))).toMatchObject({ code: "GATE_TOOL_NOT_VERIFIED" });
  expect(ran).toBe(0);
  await client.close();
});
