import { AsyncLocalStorage } from "node:async_hooks";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { guardClient } from "@symbiont/adapters/mcp";
import type { Gate } from "@symbiont/core";
import type { Servers } from "./servers.ts";

/** Behind the gateway: one guarded client for each server. */
export interface Backends {
  readonly clients: ReadonlyMap<string, Client>;
  /** Runs something as the holder of a token: whose call it is, is known by the request it came with. */
  as<Result>(token: string, run: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Starts the servers and connects to them through the gate. */
export async function connectBackends(servers: Servers, gate: Gate): Promise<Backends> {
  const caller = new AsyncLocalStorage<string>();
  const credential = (): string | undefined => caller.getStore();
  const clients = new Map<string, Client>();
  for (const [server, command] of servers) {
    const client = guardClient(new Client({ name: "gateway", version: "1.0.0" }), {
      gate,
      server,
      credential,
    });
    await client.connect(new StdioClientTransport({ ...command, stderr: "ignore" }));
    clients.set(server, client);
  }
  return {
    clients,
    as: async (token, run) => caller.run(token, run),
    async close() {
      for (const client of clients.values()) await client.close();
    },
  };
}
