import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { ToolDefinition } from "@symbiont/kit";
import { writeToolLock } from "@symbiont/schemapin";

/** How servers are started over standard input and output, by the operator's id. */
export type Servers = ReadonlyMap<string, { readonly command: string; readonly args: string[] }>;

/** A published server, run by this Node. */
export function published(name: string, argument: string): { command: string; args: string[] } {
  const program = fileURLToPath(import.meta.resolve(`@modelcontextprotocol/${name}/dist/index.js`));
  return { command: process.execPath, args: [program, argument] };
}

/** The file in which the operator keeps what a server offered when it was approved. */
export const lockOf = (id: string): string => `${id}.lock.json`;

/** The operator's step, once: what the servers offer is approved as it is. */
export async function approve(folder: string, servers: Servers): Promise<void> {
  for (const [id, command] of servers) {
    const client = new Client({ name: "operator", version: "1.0.0" });
    await client.connect(new StdioClientTransport({ ...command, stderr: "ignore" }));
    const { tools } = await client.listTools();
    writeFileSync(join(folder, lockOf(id)), writeToolLock(tools as ToolDefinition[], id));
    await client.close();
  }
}
