// One MCP server in front of several. At the door an API key says who calls; behind it one gate judges every call as that
// caller's, whichever server it is for, and keeps one record of all.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { startGateway } from "./gateway.ts";
import { approve, published } from "./servers.ts";

/** A client of the gateway, as anybody would write it. */
async function connectTo(url: string, token: string): Promise<Client> {
  const client = new Client({ name: "agent", version: "1.0.0" });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

async function call(client: Client, name: string, given: Record<string, unknown>): Promise<string> {
  const { content } = await client.callTool({ name, arguments: given });
  const [{ text = "" } = {}] = content as { text?: string }[];
  if (!text.startsWith('{"denied":true')) return text.trim();
  return `denied, ${(JSON.parse(text) as { code: string }).code}`;
}

export async function main(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mcp-gateway-"));
  const files = join(folder, "files");
  mkdirSync(files);
  writeFileSync(join(files, "notes.txt"), "the moon is made of rock");
  const servers = new Map([
    ["files", published("server-filesystem", files)],
    ["demo", published("server-everything", "stdio")],
  ]);
  await approve(folder, servers);
  const gateway = await startGateway(folder, servers);

  const connect = async (token: string): Promise<Client> => connectTo(gateway.url, token);
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
