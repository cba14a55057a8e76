// One MCP server in front of several. At the door an API key says who calls; behind it one gate judges every call as that
// caller's, whichever server it is for, and keeps one record of all.
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  OAuthError,
  OAuthErrorCode,
  requireBearerAuth,
  Server,
} from "@modelcontextprotocol/server";
import { guardClient } from "@symbiont/adapters/mcp";
import { bearerVerifier } from "@symbiont/adapters/mcp-server";
import { ApiKeys, apiKeyIdentity } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { createGuard } from "@symbiont/core/guard";
import type { ToolDefinition } from "@symbiont/kit";
import { writeToolLock } from "@symbiont/schemapin";

const AUDIENCE = "https://gateway.example.com/";

/** A running gateway. */
export interface Gateway {
  readonly url: string;
  readonly keys: ApiKeys;
  close(): Promise<void>;
}

/** Starts the gateway in front of servers that are started over standard input and output, by the operator's id. */
export async function startGateway(
  folder: string,
  servers: ReadonlyMap<string, { command: string; args: string[] }>,
): Promise<Gateway> {
  const keys = new ApiKeys({ store: new FileStore(join(folder, "keys.json")) });
  const verifier = apiKeyIdentity(keys, AUDIENCE);
  const lockOf = (id: string): string => `${id}.lock.json`;
  const guard = await createGuard(
    {
      identity: { apiKeys: { file: "keys.json", audience: AUDIENCE } },
      rate: { limits: [{ count: 20, periodMs: 60_000 }] }, // for each key by itself
      tools: {
        pins: "pins.json",
        servers: Object.fromEntries(
          [...servers.keys()].map((id) => [id, { domain: `${id}.example.com`, lock: lockOf(id) }]),
        ),
      },
      policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
      audit: { folder: "journal", origin: "example.com/gateway/audit/1", key: "ephemeral", anchor: "anchor" },
    },
    { directory: folder, stages: { identity: { verifier, audience: AUDIENCE } } },
  );

  // ── Behind: one guarded client for each server. Whose call it is, is known by the request it came with.
  const caller = new AsyncLocalStorage<string>();
  const backends = new Map<string, Client>();
  for (const [server, command] of servers) {
    const credential = (): string | undefined => caller.getStore();
    const client = guardClient(new Client({ name: "gateway", version: "1.0.0" }), {
      gate: guard.gate,
      server,
      credential,
    });
    await client.connect(new StdioClientTransport({ ...command, stderr: "ignore" }));
    backends.set(server, client);
  }

  // ── In front: one server for all, its tools called `server.tool`.
  const handler = createMcpHandler(({ authInfo }) => {
    // oxlint-disable-next-line typescript/no-deprecated -- a gateway passes on tools whose schemas are not its own
    const server = new Server({ name: "gateway", version: "1.0.0" }, { capabilities: { tools: {} } });
    server.setRequestHandler("tools/list", async () => {
      const lists = [...backends].map(async ([id, client]) => {
        const { tools } = await client.listTools();
        return tools.map((tool) => ({ ...tool, name: `${id}.${tool.name}` }));
      });
      return { tools: (await Promise.all(lists)).flat() };
    });
    server.setRequestHandler("tools/call", async ({ params }) => {
      const [id = "", ...name] = params.name.split(".");
      const backend = backends.get(id);
      if (backend === undefined || authInfo === undefined) throw new Error("there is no such tool");
      return caller.run(authInfo.token, async () => backend.callTool({ ...params, name: name.join(".") }));
    });
    return server;
  });
  const invalidToken = (text: string): Error => new OAuthError(OAuthErrorCode.InvalidToken, text);
  const door = requireBearerAuth({
    verifier: bearerVerifier({ verifier, audience: AUDIENCE, invalidToken }),
  });
  const face = toNodeHandler({
    async fetch(request: Request) {
      const authInfo = await door(request);
      return authInfo instanceof Response ? authInfo : handler.fetch(request, { authInfo });
    },
  });
  type Incoming = Parameters<typeof face>[0]; // which has no place for a member that is undefined
  const http = createServer((request, response) => void face(request as Incoming, response)).listen(
    0,
    "127.0.0.1",
  );
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    keys,
    async close() {
      http.closeAllConnections();
      http.close();
      for (const client of backends.values()) await client.close();
      await guard.close();
      await keys.close();
    },
  };
}

/** The operator's step, once: what the servers offer is approved as it is. */
async function approve(
  folder: string,
  servers: ReadonlyMap<string, { command: string; args: string[] }>,
): Promise<void> {
  for (const [id, command] of servers) {
    const client = new Client({ name: "operator", version: "1.0.0" });
    await client.connect(new StdioClientTransport({ ...command, stderr: "ignore" }));
    const { tools } = await client.listTools();
    writeFileSync(join(folder, `${id}.lock.json`), writeToolLock(tools as ToolDefinition[], id));
    await client.close();
  }
}

export async function main(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mcp-gateway-"));
  const files = join(folder, "files");
  mkdirSync(files);
  writeFileSync(join(files, "notes.txt"), "the moon is made of rock");
  const server = (name: string, argument: string) => ({
    command: process.execPath,
    args: [fileURLToPath(import.meta.resolve(`@modelcontextprotocol/${name}/dist/index.js`)), argument],
  });
  const servers = new Map([
    ["files", server("server-filesystem", files)],
    ["demo", server("server-everything", "stdio")],
  ]);
  await approve(folder, servers);
  const gateway = await startGateway(folder, servers);

  /** A client of the gateway, as anybody would write it. */
  const connect = async (token: string): Promise<Client> => {
    const client = new Client({ name: "agent", version: "1.0.0" });
    const headers = { authorization: `Bearer ${token}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(gateway.url), { requestInit: { headers } }),
    );
    return client;
  };
  const call = async (client: Client, name: string, given: Record<string, unknown>): Promise<string> => {
    const { content } = await client.callTool({ name, arguments: given });
    const [{ text = "" } = {}] = content as { text?: string }[];
    return text.startsWith('{"denied":true')
      ? `denied, ${(JSON.parse(text) as { code: string }).code}`
      : text.trim();
  };

  const issue = async (agent: string) => gateway.keys.create({ agents: [agent], owner: "example" });
  const readerKey = await issue("reader");
  const readerToken = readerKey.token.reveal(); // shown once
  const reader = await connect(readerToken);
  const editor = await connect((await issue("editor")).token.reveal());
  const names = (await reader.listTools()).tools.map(({ name }) => name);
  say(`two servers behind one: ${names.includes("files.read_text_file") && names.includes("demo.echo")}`);
  say(`reader reads: ${await call(reader, "files.read_text_file", { path: join(files, "notes.txt") })}`);
  const change = { path: join(files, "notes.txt"), content: "it is cheese" };
  say(`reader writes: ${await call(reader, "files.write_file", change)}`);
  const written = await call(editor, "files.write_file", change);
  say(`editor writes: ${written.startsWith("Successfully") ? "written" : written}`);
  say(`editor echoes: ${await call(editor, "demo.echo", { message: "hello" })}`);
  const burst = await Promise.all(
    Array.from({ length: 30 }, async () => call(reader, "demo.echo", { message: "." })),
  );
  const limited = burst.filter((text) => text.endsWith("GATE_RATE_LIMITED")).length;
  say(
    `reader in a hurry: ${limited} of 30 limited; editor still served: ${await call(editor, "demo.echo", { message: "me" })}`,
  );
  await gateway.keys.revoke(readerKey.key.keyId, "lost");
  const status = async (token: string) =>
    (await fetch(gateway.url, { method: "POST", headers: { authorization: `Bearer ${token}` } })).status;
  say(`reader's key revoked: ${await status(readerToken)}; no key: ${await status("nothing")}`);

  await reader.close();
  await editor.close();
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
