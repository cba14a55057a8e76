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
let fresh = 0;
for (const key of keys) limiter.take(key);

const interval = 60;
const tolerance = 60_000_000;
const positions = new Map(keys.map((key, index) => [key, index]));
const times = new Float64Array(keys.length);

/** The same answer from the least there is: a Map that never forgets, one limit, no key hash of our own, no checks. */
function bareTake(key: string): unknown {
  const nowUs = Math.round(performance.now() * 1000);
  const position = positions.get(key) as number;
  const ahead = Math.max(0, (times[position] as number) - nowUs) + interval;
  if (ahead > tolerance) return { allowed: false };
  times[position] = nowUs + ahead;
  const remaining = Math.floor((tolerance - ahead) / interval);
  const state = { allowed: true, remaining, retryAfterMs: 0, resetAfterMs: Math.ceil(ahead / 1000) };
  return { allowed: true, remaining, retryAfterMs: 0, limits: [state] };
}

export const benches: readonly Bench[] = [
  {
    name: `memory take, 10,000 keys (${Math.round(limiter.usedBytes / keys.length)} B/key)`,
    ours: () => limiter.take(next()),
    floor: () => bareTake(next()),
    floorName: "clock, Map get, GCRA on one number, the answer's objects",
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
