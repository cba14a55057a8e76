import { ApiKeyError } from "../errors.ts";

/** What is needed of a client: `ioredis` (also its `Cluster`), or `redis` (`createClient`). */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> };

const NAMESPACE = /^[A-Za-z0-9:_-]{1,64}$/;

/** @throws RangeError when the namespace is not plain. */
export function checkedNamespace(namespace: string): string {
  if (!NAMESPACE.test(namespace))
    throw new RangeError("namespace must be 1 to 64 of A-Z, a-z, 0-9, :, _ and -");
  return namespace;
}

/**
 * Sends one command, whichever client it is.
 * @throws ApiKeyError `API_KEY_STORE_UNAVAILABLE`.
 */
export async function ask(client: RedisClient, name: string, ...args: string[]): Promise<unknown> {
  try {
    // ioredis has a sendCommand too, of another shape.
    return await ("call" in client ? client.call(name, ...args) : client.sendCommand([name, ...args]));
  } catch (cause) {
    throw new ApiKeyError("API_KEY_STORE_UNAVAILABLE", "Redis could not be asked", {
      cause,
      retryable: true,
    });
  }
}
