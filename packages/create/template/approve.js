// The operator's step: look at what the server offers, and write down exactly that. What changes later is blocked.
import { writeFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { writeToolLock } from "@symbiont/schemapin";

const client = new Client({ name: "operator", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: process.execPath, args: ["server.js"] }));
const { tools } = await client.listTools();
await client.close();
for (const { name, description } of tools) console.log(`${name}: ${description}`);
writeFileSync("notes.lock.json", writeToolLock(tools, "notes"));
console.log(`${tools.length} tools approved: notes.lock.json`);
