import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { SharedRateLimiter } from "@symbiont/ratelimit";
import { ioredisClient, redisStore } from "@symbiont/ratelimit/redis";
import { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import type { Bench } from "../../../scripts/bench/bench.ts";

const keys = Array.from({ length: 10_000 }, (_, index) => `198.51.${index >> 8}.${index & 255}`);
let turn = 0;
const next = (): string => keys[(turn = (turn + 1) % keys.length)] as string;
const inFlight = async (count: number, run: () => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, run));

/** Against a server of its own on a free loopback port; nothing when none is installed. */
export async function benches(): Promise<readonly Bench[]> {
  if (spawnSync("redis-server", ["--version"]).status !== 0) {
    console.log("ratelimit: redis-server is not on PATH, no Redis figures");
    return [];
  }
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  const server = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
    cwd: tmpdir(),
    stdio: "ignore",
  });
  server.unref();
  process.once("exit", () => server.kill("SIGKILL"));
  const redis = new Redis({ port, host: "127.0.0.1", retryStrategy: () => 20 });
  redis.on("error", () => undefined);
  await new Promise((resolve) => redis.once("ready", resolve));
  // The connection alone does not keep the bench from ending.
  process.once("beforeExit", () => redis.disconnect());

  const limiter = new SharedRateLimiter({
    store: redisStore({ client: ioredisClient(redis), hashKey: new Uint8Array(16).fill(1) }),
    limits: [{ count: 1_000_000, periodMs: 60_000 }],
    timeoutMs: 10_000,
  });
  const peer = new RateLimiterRedis({ storeClient: redis, points: 1_000_000, duration: 60 });
  const peerName = "rate-limiter-flexible 11, same ioredis client";
  const ours = async (): Promise<void> => {
    const { source } = await limiter.take(next());
    if (source !== "store") throw new Error(`decided by ${source}`);
  };
  // Both know all keys before it counts: the first time ours hashes a name, and both make an entry.
  for (let key = 0; key < keys.length; key += 100) await inFlight(100, ours);
  for (let key = 0; key < keys.length; key += 100) await inFlight(100, async () => peer.consume(next()));
  return [
    {
      name: "Redis take, 64 in flight (64 decisions)",
      ours: async () => inFlight(64, ours),
      floor: async () => inFlight(64, async () => redis.incr(next())),
      floorName: "64 INCR",
      peer: async () => inFlight(64, async () => peer.consume(next())),
      peerName,
      minPeerRatio: 2,
    },
    {
      name: "Redis take, 1 in flight",
      ours,
      floor: async () => redis.incr(next()),
      floorName: "INCR",
      peer: async () => peer.consume(next()),
      peerName,
      minPeerRatio: 1,
    },
  ];
}
