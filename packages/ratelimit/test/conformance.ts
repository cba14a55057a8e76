import {
  type GcraLimit,
  gcra,
  type LimitState,
  type RateLimitDecision,
  RateLimiter,
  rateLimitHeaders,
  rateLimitResponse,
} from "@symbiont/ratelimit";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";

/** What the package understands; keyed by area and file. */
export const suite: ConformanceSuite = {
  "ratelimit/gcra.json": (data, check) => {
    for (const trace of data.traces) {
      check(`${trace.id}: interval and tolerance`, () => {
        expect(limitOf(trace.limit)).toMatchObject({
          intervalUs: trace.emissionIntervalUs,
          toleranceUs: trace.burstToleranceUs,
        });
      });
      check(`${trace.id}: arithmetic`, () => {
        replay([{ limit: trace.limit, steps: trace.steps }]);
      });
      check(`${trace.id}: limiter`, () => {
        let now = 0;
        const limiter = new RateLimiter({ limits: [optionsOf(trace.limit)], now: () => now / 1000 });
        for (const step of trace.steps) {
          now = step.t;
          const decision = limiter[(step.op ?? "take") as "take"](step.key, step.cost);
          expectDecision(decision, [step.expect]);
        }
      });
    }
    const changes = Array.isArray(data.configChange) ? data.configChange : [data.configChange];
    for (const { id, phases } of changes) check(id, () => replay(phases));
    const traces = Array.isArray(data.multiLimit) ? data.multiLimit : [data.multiLimit];
    for (const trace of traces) {
      check(trace.id, () => {
        let now = 0;
        const limiter = new RateLimiter({ limits: trace.limits.map(optionsOf), now: () => now / 1000 });
        for (const step of trace.steps) {
          now = step.t;
          const decision = limiter.take(step.key, step.cost);
          expectDecision(decision, step.expect.perLimit);
          if (decision.allowed) continue;
          const refusing = decision.limits.filter(({ allowed }) => !allowed).map(({ limit }) => limit.name);
          expect(refusing).toEqual(step.expect.deniedBy);
          expect(decision.retryAfterMs).toBe(milliseconds(step.expect.retryAfterUs));
        }
      });
    }
  },
  "ratelimit/headers.json": (data, check) => {
    for (const { id, policies, results, expect: expected } of data.cases) {
      check(id, () => {
        const { status, style, nowSeconds, problem, ...fields } = expected;
        const decision = decisionOf(policies, results);
        const partitionKeys = new Map<string, Uint8Array>(
          policies
            .filter(({ pk }: { pk?: string }) => pk !== undefined)
            .map(({ name, pk }: { name: string; pk: string }) => [
              name,
              new Uint8Array(Buffer.from(pk.replace(/^base64:/, ""), "base64")),
            ]),
        );
        const options = { style: style ?? "draft-10", partitionKeys, now: () => nowSeconds * 1000 };
        expect(rateLimitHeaders(decision, options)).toEqual(fields);
        if (decision.allowed) return;
        const response = rateLimitResponse(decision, options);
        expect(response.status).toBe(status);
        expect(response.headers).toMatchObject(fields);
        if (problem !== undefined) expect(JSON.parse(response.body)).toEqual(problem);
      });
    }
  },
};

interface VectorLimit {
  readonly name?: string;
  readonly count: number;
  readonly periodUs: number;
  readonly burst?: number;
  readonly maxDebt?: number;
}

interface Expected {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryAfterUs: number | null;
  readonly resetAfterUs: number;
  readonly reason?: string;
}

function limitOf({ count, periodUs, burst = count, maxDebt = 0 }: VectorLimit): GcraLimit {
  const intervalUs = Math.ceil(periodUs / count);
  return { intervalUs, toleranceUs: intervalUs * burst, debtUs: intervalUs * maxDebt, capacity: burst };
}

function optionsOf({ name = "default", count, periodUs, burst = count, maxDebt = 0 }: VectorLimit) {
  return { name, count, periodMs: periodUs / 1000, capacity: burst, maxDebt };
}

/** Runs the pure function over phases that share one state. */
function replay(phases: readonly { limit: VectorLimit; steps: readonly any[] }[]): void {
  const tats = new Map<string, number>();
  for (const { limit, steps } of phases) {
    for (const { t, key, cost, op = "take", expect: expected } of steps) {
      const step = gcra(limitOf(limit), tats.get(key), t, op, cost);
      tats.set(key, step.tatUs);
      expect({
        allowed: step.allowed,
        remaining: step.remaining,
        retryAfterUs: step.retryAfterUs === Number.POSITIVE_INFINITY ? null : step.retryAfterUs,
        resetAfterUs: step.resetAfterUs,
      }).toEqual({
        allowed: expected.allowed,
        remaining: expected.remaining,
        retryAfterUs: expected.retryAfterUs,
        resetAfterUs: expected.resetAfterUs,
      });
    }
  }
}

const CODES: Readonly<Record<string, string>> = {
  rate_limited: "RATELIMIT_EXCEEDED",
  cost_exceeds_burst: "RATELIMIT_COST_EXCEEDS_CAPACITY",
};

function expectDecision(decision: RateLimitDecision, expected: readonly Expected[]): void {
  expect(
    decision.limits.map(({ allowed, remaining, retryAfterMs, resetAfterMs }) => ({
      allowed,
      remaining,
      retryAfterMs,
      resetAfterMs,
    })),
  ).toEqual(
    expected.map(({ allowed, remaining, retryAfterUs, resetAfterUs }) => ({
      allowed,
      remaining,
      retryAfterMs: milliseconds(retryAfterUs),
      resetAfterMs: milliseconds(resetAfterUs),
    })),
  );
  expect(decision.allowed).toBe(expected.every(({ allowed }) => allowed));
  const reasons = expected.flatMap(({ reason }) => (reason === undefined ? [] : [CODES[reason]]));
  if (!decision.allowed) expect(reasons).toContain(decision.code);
}

function milliseconds(microseconds: number | null): number {
  return microseconds === null ? Number.POSITIVE_INFINITY : Math.ceil(microseconds / 1000);
}

/** The decision that a limiter with these results would have given. */
function decisionOf(policies: readonly any[], results: readonly any[]): RateLimitDecision {
  const limits: LimitState[] = results.map((result, index) => ({
    limit: {
      name: result.name,
      count: policies[index].quota,
      periodMs: policies[index].windowSeconds * 1000,
      capacity: policies[index].quota,
      maxDebt: 0,
    },
    allowed: result.allowed,
    remaining: result.remaining,
    retryAfterMs: milliseconds(result.retryAfterUs),
    resetAfterMs: milliseconds(result.resetAfterUs),
  }));
  const remaining = Math.min(...limits.map((state) => state.remaining));
  if (limits.every(({ allowed }) => allowed)) return { allowed: true, remaining, retryAfterMs: 0, limits };
  const retryAfterMs = Math.max(...limits.map((state) => state.retryAfterMs));
  return { allowed: false, code: "RATELIMIT_EXCEEDED", remaining, retryAfterMs, limits };
}
