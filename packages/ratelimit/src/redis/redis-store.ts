import crypto, { createHash } from "node:crypto";
import { RuntimeHmac } from "@symbiont/kit/runtime-hmac";
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
  const tagOf = keyTags(prefix, options);
  const sha1 = createHash("sha1").update(SCRIPT).digest("hex");
  // A limiter always passes the same list of limits.
  const plans = new WeakMap<readonly StoredLimit[], CallPlan>();

  const send = async (keys: readonly string[], values: readonly string[]): Promise<unknown> =>
    client.evalsha(sha1, keys, values).catch(async (error: unknown) => {
      // The script did not run, so that running it now counts once.
      if (error instanceof Error && error.message.startsWith("NOSCRIPT"))
        return client.eval(SCRIPT, keys, values);
      throw error;
    });

  return {
    singleKey: client.cluster === true,
    async apply(limits, steps) {
      let plan = plans.get(limits);
      if (plan === undefined) plans.set(limits, (plan = planCalls(limits, tagOf)));
      const input = [limits.length, clock === "server" ? -1 : Math.round(now() * 1000), ...plan.parameters];
      const keys: string[] = [];
      const positions = new Map<string, number>();
      for (const { key, operation, costs } of steps) {
        let position = positions.get(key);
        if (position === undefined) {
          position = keys.length;
          positions.set(key, position);
          keys.push(...plan.keysOf(key));
        }
        input.push(position);
        for (const cost of costs) input.push(cost * 4 + OPERATIONS[operation]);
      }
      const reply = await send(keys, [JSON.stringify(input)]);
      return typeof reply === "number" ? [reply] : (reply as readonly number[]);
    },
  };
}

/** What all calls for the same limits have in common. */
interface CallPlan {
  readonly parameters: readonly number[];
  /** The names of a key's entries, one per limit. */
  keysOf(key: string): readonly string[];
}

function planCalls(limits: readonly StoredLimit[], tagOf: (key: string) => string): CallPlan {
  // Hashing a key costs more than all the rest of its step; busy keys come again and again.
  const known = new Map<string, readonly string[]>();
  return {
    parameters: limits.flatMap(({ intervalUs, toleranceUs, debtUs }) => [intervalUs, toleranceUs, debtUs]),
    keysOf(key) {
      const found = known.get(key);
      if (found !== undefined) return found;
      const tag = tagOf(key);
      const keys = limits.map(({ name }) => tag + name);
      if (known.size >= MAX_KNOWN) known.clear();
      if (key.length <= MAX_KNOWN_LENGTH) known.set(key, keys);
      return keys;
    },
  };
}

/** Gives the part of a name that the entries of a key share, and that decides on which node of a cluster they live. */
function keyTags(prefix: string, options: RedisStoreOptions): (key: string) => string {
  const { hashKey, plainKeys } = options;
  if ((hashKey === undefined) === (plainKeys === undefined))
    throw new TypeError("either hashKey or plainKeys must be given");
  if (hashKey === undefined) return (key) => `${prefix}{${plainName(key)}}:`;
  if (!(hashKey instanceof Uint8Array) || hashKey.length < 16)
    throw new TypeError("hashKey must be at least 16 bytes");
  const hmac = new RuntimeHmac(crypto, "sha256", hashKey);
  return (key) => {
    const digest = Buffer.from(hmac.tag(key), "latin1").toString("base64url");
    return `${prefix}{${digest.slice(0, 22)}}:`;
  };
}

/** Keeps a key from ending the hash tag early. */
function plainName(key: string): string {
  return key.replace(/[%{}]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
