import { Client as ClientV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { guardClient } from "@symbiont/adapters/mcp";
import { generateKeyPair } from "@symbiont/keys";
import type { ToolDefinition } from "@symbiont/kit";
import {
  MemoryPinStore,
  type PinStore,
  parseToolLock,
  provisionPins,
  SchemaPinToolVerifier,
  type ServerTrust,
  signTool,
  type ToolEnvelope,
  toolSubject,
  writeToolLock,
} from "@symbiont/schemapin";
import { describe, expect, test } from "vitest";
import { openGate } from "../open-gate.ts";
import { commandOf, installServers, SERVERS } from "./published-servers.ts";

const why = installServers();
const domain = "tools.example.com";
const { privateKey: key } = generateKeyPair("ES256");
const discovery = { schema_version: "1.4", public_key_pem: key.publicKey.toPem() };
const identity = { name: "test", version: "1" };

type Server = (typeof SERVERS)[number];

/** What the guarded client of either version shows of a server. */
async function shown(
  version: "v1" | "v2",
  server: Server,
  trust: Partial<ServerTrust>,
  pins: PinStore,
  firstUse: "trust" | "refuse",
): Promise<readonly ToolDefinition[]> {
  const servers = new Map([[server.name, { domain, ...trust }]]);
  const tools = new SchemaPinToolVerifier({ servers, pins, mode: "strict", firstUse });
  const options = { gate: openGate({ tools }).gate, server: server.name };
  const transport = version === "v1" ? new StdioV1(commandOf(server)) : new StdioV2(commandOf(server));
  const client =
    version === "v1"
      ? guardClient(new ClientV1(identity), options)
      : guardClient(new ClientV2(identity), options);
  await client.connect(transport);
  try {
    return (await client.listTools()).tools as readonly ToolDefinition[];
  } finally {
    await client.close();
  }
}

async function offered(server: Server): Promise<readonly ToolDefinition[]> {
  const client = new ClientV2(identity);
  await client.connect(new StdioV2(commandOf(server)));
  try {
    return (await client.listTools()).tools as unknown as readonly ToolDefinition[];
  } finally {
    await client.close();
  }
}

const namesOf = (tools: readonly ToolDefinition[]): string[] => tools.map(({ name }) => name);

describe.skipIf(why !== "")(`published servers${why}`, () => {
  test.each(SERVERS)("$name: its tools are signed, pinned and guarded with both clients", async (server) => {
    const tools = await offered(server);
    expect(tools.length).toBeGreaterThan(0);
    const envelopes = new Map<string, ToolEnvelope>(
      tools.map((tool) => [
        tool.name,
        signTool(tool, { key, domain, attestation: { version: server.version } }),
      ]),
    );
    const pins = new MemoryPinStore();
    for (const version of ["v1", "v2"] as const) {
      const first = version === "v1" ? "trust" : "refuse";
      const seen = await shown(version, server, { discovery, envelopes }, pins, first);
      expect(namesOf(seen)).toEqual(namesOf(tools));
    }
    expect(await pins.list()).toHaveLength(tools.length);
  });

  test.each(SERVERS)("$name: a lock file admits its tools, and not one that was changed", async (server) => {
    const tools = await offered(server);
    const { tools: lock } = parseToolLock(writeToolLock(tools, server.name));
    const pins = new MemoryPinStore();
    expect(namesOf(await shown("v2", server, { lock }, pins, "refuse"))).toEqual(namesOf(tools));
    const [first, ...others] = tools.map((tool, index) =>
      index === 0 ? { ...tool, description: "as it was approved" } : tool,
    );
    const { tools: older } = parseToolLock(writeToolLock([first as ToolDefinition, ...others], server.name));
    expect(namesOf(await shown("v1", server, { lock: older }, pins, "refuse"))).toEqual(namesOf(others));
  });

  test("a tool that is not the one that was approved is hidden, although it is signed", async () => {
    const server = SERVERS[2] as Server;
    const tools = await offered(server);
    const envelopes = new Map(tools.map((tool) => [tool.name, signTool(tool, { key, domain })]));
    const pins = new MemoryPinStore();
    const { fingerprint } = key.publicKey;
    const provisions = tools.map((tool, index) => ({
      id: { kind: "tool", domain, subject: toolSubject(server.name, tool.name) } as const,
      fingerprint,
      ...(index === 0 ? { tool: { ...tool, description: "as it was approved" } } : {}),
    }));
    await provisionPins(pins, provisions, { approvedBy: "operator" });
    const seen = await shown("v2", server, { discovery, envelopes }, pins, "refuse");
    expect(namesOf(seen)).toEqual(namesOf(tools.slice(1)));
  });
});
