// The agent's side of MCP, guarded, in front of a published server: the model sees approved tools only, every call is
// judged, and what happened is on record.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { guardClient } from "@symbiont/adapters/mcp";
import { createGuard, type GuardConfig } from "@symbiont/core/guard";
import type { ToolDefinition } from "@symbiont/kit";
import { writeToolLock } from "@symbiont/schemapin";

/** How the server is started: the published file server, over standard input and output. */
function startServer(folder: string): StdioClientTransport {
  const script = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-filesystem/dist/index.js"));
  return new StdioClientTransport({ command: process.execPath, args: [script, folder], stderr: "ignore" });
}

/** The operator's step, once: look at what the server offers, and write down exactly what is approved of it. */
async function approve(files: string, lock: string, refuse: readonly string[]): Promise<number> {
  const client = new Client({ name: "operator", version: "1.0.0" });
  await client.connect(startServer(files));
  const { tools } = await client.listTools();
  await client.close();
  const approved = (tools as ToolDefinition[]).filter(({ name }) => !refuse.includes(name));
  writeFileSync(lock, writeToolLock(approved, "files"));
  return approved.length;
}

/** The agent: two lines more than without a guard. */
async function agent(
  config: GuardConfig,
  folder: string,
  calls: (call: (tool: string, given: object) => Promise<string>, tools: readonly string[]) => Promise<void>,
): Promise<void> {
  const guard = await createGuard(config, { directory: folder });
  const client = guardClient(new Client({ name: "agent", version: "1.0.0" }), {
    gate: guard.gate,
    server: "files",
  });
  await client.connect(startServer(join(folder, "files")));
  const { tools } = await client.listTools();
  await calls(
    async (name, given) => {
      const { content } = await client.callTool({ name, arguments: { ...given } });
      const [first] = content as { text?: string }[];
      const text = (first?.text ?? "").trim();
      return text.startsWith('{"denied":true')
        ? `denied, ${(JSON.parse(text) as { code: string }).code}`
        : text;
    },
    tools.map(({ name }) => name),
  );
  await client.close();
  await guard.close();
}

export async function main(say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "guarded-mcp-client-"));
  const files = join(folder, "files");
  mkdirSync(files);
  writeFileSync(join(files, "notes.txt"), "the moon is made of rock");
  writeFileSync(join(files, "secret.txt"), "nobody must read this");
  const config: GuardConfig = {
    identity: { fixed: { kind: "agent", id: "reader" } },
    rate: { limits: [{ count: 100, periodMs: 60_000 }] },
    tools: {
      pins: "pins.json",
      servers: { files: { domain: "files.example.com", lock: "files.lock.json" } },
    },
    policy: { folder: fileURLToPath(new URL("policies", import.meta.url)) },
    audit: { folder: "journal", origin: "example.com/reader/audit/1", key: "ephemeral", anchor: "anchor" },
  };

  const approved = await approve(files, join(folder, "files.lock.json"), ["move_file"]);
  say(`the operator has approved ${approved} tools`);
  await agent(config, folder, async (call, tools) => {
    say(`the model sees ${tools.length}; move_file among them: ${tools.includes("move_file")}`);
    say(`read notes.txt: ${await call("read_text_file", { path: join(files, "notes.txt") })}`);
    say(`read secret.txt: ${await call("read_text_file", { path: join(files, "secret.txt") })}`);
    say(`write new.txt: ${await call("write_file", { path: join(files, "new.txt"), content: "x" })}`);
    say(
      `move_file: ${await call("move_file", { source: join(files, "notes.txt"), destination: join(files, "b") })}`,
    );
    say(`read without a path: ${await call("read_text_file", {})}`);
  });
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(console.log);
