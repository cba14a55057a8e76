import { RateLimiter } from "@symbiont/ratelimit";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { Bench } from "../../../scripts/bench/bench.ts";

const keys = Array.from({ length: 10_000 }, (_, index) => `198.51.${index >> 8}.${index & 255}`);
let turn = 0;
const next = (): string => keys[(turn = (turn + 1) % keys.length)] as string;

const limiter = new RateLimiter({ limits: [{ count: 1_000_000, periodMs: 60_000 }] });
const two = new RateLimiter({
  limits: [
    { name: "second", count: 1_000_000, periodMs: 1000 },
    { name: "minute", count: 1_000_000, periodMs: 60_000 },
  ],
});
const flooded = new RateLimiter();
const peer = new RateLimiterMemory({ points: 1_000_000, duration: 60 });
const map = new Map(keys.map((key) => [key, 0]));
let fresh = 0;

export const benches: readonly Bench[] = [
  {
    name: `memory take, 10,000 keys (${(flooded.tableBytes / 100_000).toFixed(1)} B/key)`,
    ours: () => limiter.take(next()),
    floor: () => {
      const key = next();
      map.set(key, performance.now() + (map.get(key) ?? 0) * 1e-9);
    },
    floorName: "one clock reading, Map get and set",
    peer: async () => peer.consume(next()),
    peerName: "rate-limiter-flexible 11, memory",
    minPeerRatio: 5,
  },
  {
    name: "memory take, two limits at once",
    ours: () => two.take(next()),
    floor: () => performance.now(),
    floorName: "one clock reading",
  },
  {
    name: "memory take, every key a new one",
    ours: () => flooded.take(`2001:db8::${(fresh += 1)}`),
    floor: () => performance.now(),
    floorName: "one clock reading",
  },
];
