/** What is needed of a client: `ioredis` (also its `Cluster`), or `redis` (`createClient`). */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> };

/** Sends one command, whichever client it is. */
export function command(client: RedisClient, name: string, ...args: string[]): Promise<unknown> {
  // ioredis has a sendCommand too, of another shape.
  return "call" in client ? client.call(name, ...args) : client.sendCommand([name, ...args]);
}
