import { createHash, createHmac, createSecretKey } from "node:crypto";
import type { StoredLimit } from "../limit.ts";
import type { RateStep, RateStore } from "../rate-store.ts";
import type { RedisScriptClient } from "./client.ts";
import { SCRIPT } from "./script.ts";

/** Settings of {@link redisStore}: either `hashKey` or `plainKeys` must be given. */
export interface RedisStoreOptions {
  /** See `ioredisClient` and `nodeRedisClient`. */
  readonly client: RedisScriptClient;
  /** Start of every key name; no braces. Default `ratelimit:`. */
  readonly prefix?: string;
  /** At least 16 secret bytes, the same in all processes: Redis then sees a keyed hash of each key. */
  readonly hashKey?: Uint8Array;
  /** Shows the keys themselves, addresses for example, to everyone who can read Redis. */
  readonly plainKeys?: true;
  /** Whose time counts. Default `server`: the clocks of the processes then need not agree. */
  readonly clock?: "server" | "client";
  /** Epoch milliseconds, for `clock: "client"`. Default `Date.now`. */
  readonly now?: () => number;
}

const MAX_KNOWN = 10_000;
const MAX_KNOWN_LENGTH = 64;
const OPERATIONS: Readonly<Record<RateStep["operation"], number>> = {
  take: 0,
  charge: 1,
  refund: 2,
  reset: 3,
};

/**
 * Counts in Redis (6.2 or later) or Valkey, each decision by one atomic script. All limits of a key share a hash
 * tag, so that the keys of a call live on one node of a cluster.
 *
 * Keys expire by themselves when they are as good as absent. With asynchronous replication a failover may forget the
 * last moments.
 *
 * @throws TypeError for a wrong option.
 */
export function redisStore(options: RedisStoreOptions): RateStore {
  const { client, prefix = "ratelimit:", clock = "server", now = Date.now } = options;
  if (typeof client?.evalsha !== "function" || typeof client.eval !== "function")
    throw new TypeError("client must have evalsha and eval, see ioredisClient and nodeRedisClient");
  if (typeof prefix !== "string" || /[{}]/.test(prefix)) throw new TypeError("prefix must not hold braces");
  if (clock !== "server" && clock !== "client") throw new TypeError("clock must be server or client");
  const nameOf = keyNames(options);
  const sha1 = createHash("sha1").update(SCRIPT).digest("hex");

  return {
    singleKey: client.cluster === true,
    async apply(limits, steps) {
      const keys: string[] = [];
      const positions = new Map<string, number>();
      const time = clock === "server" ? -1 : Math.round(now() * 1000);
      const input = [limits.length, time, ...limits.flatMap(parameters)];
      for (const { key, operation, costs } of steps) {
        let position = positions.get(key);
        if (position === undefined) {
          position = keys.length;
          positions.set(key, position);
          const tag = `${prefix}{${nameOf(key)}}:`;
          for (const { name } of limits) keys.push(tag + name);
        }
        input.push(position);
        for (const cost of costs) input.push(cost * 4 + OPERATIONS[operation]);
      }
      const reply = await run(client, sha1, keys, [JSON.stringify(input)]);
      return typeof reply === "number" ? [reply] : (reply as readonly number[]);
    },
  };
}

async function run(
  client: RedisScriptClient,
  sha1: string,
  keys: readonly string[],
  values: readonly string[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha1, keys, values);
  } catch (error) {
    // The script did not run, so that running it now counts once.
    if (error instanceof Error && error.message.startsWith("NOSCRIPT"))
      return client.eval(SCRIPT, keys, values);
    throw error;
  }
}

function parameters({ intervalUs, toleranceUs, debtUs }: StoredLimit): readonly number[] {
  return [intervalUs, toleranceUs, debtUs];
}

function keyNames(options: RedisStoreOptions): (key: string) => string {
  const { hashKey, plainKeys } = options;
  if ((hashKey === undefined) === (plainKeys === undefined))
    throw new TypeError("either hashKey or plainKeys must be given");
  if (hashKey === undefined) return plainName;
  if (!(hashKey instanceof Uint8Array) || hashKey.length < 16)
    throw new TypeError("hashKey must be at least 16 bytes");
  const secret = createSecretKey(hashKey);
  // Hashing costs as much as the rest of a coalesced step; busy keys come again and again.
  const known = new Map<string, string>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const name = createHmac("sha256", secret).update(key).digest("base64url").slice(0, 22);
    if (known.size >= MAX_KNOWN) known.clear();
    if (key.length <= MAX_KNOWN_LENGTH) known.set(key, name);
    return name;
  };
}

/** Keeps a key from ending the hash tag early. */
function plainName(key: string): string {
  return key.replace(/[%{}]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
