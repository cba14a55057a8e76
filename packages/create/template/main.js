// An agent's side of MCP, guarded: it sees only approved tools, and every call is judged and on record.
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { guardTransport } from "@symbiont/adapters/mcp";
import { createGuardFromEnv } from "@symbiont/core/guard";

const guard = await createGuardFromEnv(); // symbiont.config.json
const transport = new StdioClientTransport({ command: process.execPath, args: ["server.js"] });
const client = new Client({ name: "agent", version: "1.0.0" });
await client.connect(guardTransport(transport, { gate: guard.gate, server: "notes" }));

const { tools } = await client.listTools();
console.log(`tools shown to the model: ${tools.map(({ name }) => name).join(", ")}`);

for (const [name, given] of [
  ["read_note", { name: "shopping" }],
  ["read_note", { name: "secret" }],
  ["delete_note", { name: "shopping" }],
]) {
  const { content } = await client.callTool({ name, arguments: given });
  console.log(`${name} ${given.name}: ${content[0].text}`);
}

await client.close();
await guard.close();
