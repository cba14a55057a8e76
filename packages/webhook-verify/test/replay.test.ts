import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createWebhookVerifier,
  MemoryReplayStore,
  type ReplayStore,
  signWebhook,
  verifyWebhook,
} from "@symbiont/webhook-verify";
import { github } from "@symbiont/webhook-verify/presets/github";
import { mailgun } from "@symbiont/webhook-verify/presets/mailgun";
import { standardWebhooks } from "@symbiont/webhook-verify/presets/standard-webhooks";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import { RedisReplayStore } from "@symbiont/webhook-verify/redis";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";

const nowMs = 1_700_000_000_000;
const now = (): number => nowMs;
const rawBody = new TextEncoder().encode('{"event":"ping"}');
const options = { secrets: ["a-shared-secret-value"], now };

describe("replays", () => {
  test("are refused the second time, and others are not", async () => {
    const verifier = createWebhookVerifier(stripe, { ...options, replay: new MemoryReplayStore({ now }) });
    const signed = await signWebhook(stripe, { rawBody }, options);
    expect((await verifier.verify(signed)).replayed).toBe(false);
    expect(await refusal(verifier.verify(signed))).toBe("WEBHOOK_REPLAYED");
    await verifier.verify(await signWebhook(stripe, { rawBody: new Uint8Array(1) }, options));
    await verifier.verify(await signWebhook(stripe, { rawBody }, { ...options, now: () => nowMs + 1000 }));
  });

  test("are recognised when another of two signatures is left over", async () => {
    const both = { secrets: ["new secret of the endpoint", "old secret of the endpoint"], now };
    const signed = await signWebhook(stripe, { rawBody }, both);
    const [time, first, second] = (signed.headers["stripe-signature"] as string).split(",");
    const verifier = createWebhookVerifier(stripe, { ...both, replay: new MemoryReplayStore({ now }) });
    await verifier.verify({ rawBody, headers: { "stripe-signature": `${time},${first}` } });
    const rest = { rawBody, headers: { "stripe-signature": `${time},${second}` } };
    expect(await refusal(verifier.verify(rest))).toBe("WEBHOOK_REPLAYED");
  });

  test("can be reported only", async () => {
    const replay = { store: new MemoryReplayStore({ now }), onReplay: "report" } as const;
    const verifier = createWebhookVerifier(github, { ...options, replay });
    const signed = await signWebhook(github, { rawBody }, options);
    expect((await verifier.verify(signed)).replayed).toBe(false);
    expect((await verifier.verify(signed)).replayed).toBe(true);
  });

  test("of one id with a new body are refused", async () => {
    const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    const verifier = createWebhookVerifier(standardWebhooks, {
      secrets,
      now,
      replay: new MemoryReplayStore({ now }),
    });
    await verifier.verify(await signWebhook(standardWebhooks, { rawBody, id: "msg_1" }, { secrets, now }));
    const other = await signWebhook(
      standardWebhooks,
      { rawBody: new Uint8Array(1), id: "msg_1" },
      { secrets, now },
    );
    expect(await refusal(verifier.verify(other))).toBe("WEBHOOK_REPLAYED");
  });

  test("of a token under another event are refused", async () => {
    const verifier = createWebhookVerifier(mailgun, { ...options, replay: new MemoryReplayStore({ now }) });
    const signed = await signWebhook(mailgun, { rawBody }, options);
    const { claims, bodyBound } = await verifier.verify(signed);
    expect(bodyBound).toBe(false);
    expect(Object.keys(claims ?? {})).toEqual(["timestamp", "token"]);
    const forged = new TextEncoder().encode(new TextDecoder().decode(signed.rawBody).replace("ping", "paid"));
    expect(await refusal(verifier.verify({ ...signed, rawBody: forged }))).toBe("WEBHOOK_REPLAYED");
  });

  test("a refused delivery leaves no trace in the store", async () => {
    const store = new MemoryReplayStore({ now });
    const verifier = createWebhookVerifier(stripe, { ...options, replay: store });
    const signed = await signWebhook(stripe, { rawBody }, { ...options, secrets: ["another"] });
    expect(await refusal(verifier.verify(signed))).toBe("WEBHOOK_SIGNATURE_MISMATCH");
    expect(store.size).toBe(0);
  });

  test("a store that fails or answers nonsense refuses", async () => {
    const signed = await signWebhook(stripe, { rawBody }, options);
    const failing: ReplayStore = { putIfAbsent: () => Promise.reject(new Error("down")) };
    const error = await verifyWebhook(stripe, signed, { ...options, replay: failing }).catch(
      (error: unknown) => error,
    );
    expect(error).toMatchObject({ code: "WEBHOOK_REPLAY_STORE_FAILED", retryable: true, httpStatus: 503 });
    const odd = { putIfAbsent: () => "OK" } as unknown as ReplayStore;
    expect(await refusal(verifyWebhook(stripe, signed, { ...options, replay: odd }))).toBe(
      "WEBHOOK_REPLAYED",
    );
  });

  test("of two at the same time one passes", async () => {
    const verifier = createWebhookVerifier(stripe, { ...options, replay: new MemoryReplayStore({ now }) });
    const signed = await signWebhook(stripe, { rawBody }, options);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => verifier.verify(signed)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});

describe("the memory store", () => {
  test("forgets at the end and not before", () => {
    let time = 0;
    const store = new MemoryReplayStore({ now: () => time });
    expect(store.putIfAbsent("a", 100)).toBe(true);
    time = 100;
    expect(store.putIfAbsent("a", 100)).toBe(false);
    time = 101;
    expect(store.putIfAbsent("a", 100)).toBe(true);
  });

  test("refuses when it is full of what still counts, and makes room of what does not", () => {
    let time = 0;
    const store = new MemoryReplayStore({ capacity: 3, now: () => time });
    for (const key of ["a", "b", "c"]) store.putIfAbsent(key, key === "a" ? 10 : 100_000);
    expect(() => store.putIfAbsent("d", 10)).toThrow(RangeError);
    expect(store.putIfAbsent("b", 10)).toBe(false);
    time = 2000;
    expect(store.putIfAbsent("d", 10)).toBe(true);
    expect(store.size).toBe(3);
    expect(() => new MemoryReplayStore({ capacity: 0 })).toThrow(RangeError);
  });
});

const hasRedis = findRedis();

describe.skipIf(!hasRedis)(
  !hasRedis ? "the Redis store (skipped: no redis-server on PATH)" : "the Redis store",
  () => {
    const folder = join(tmpdir(), `webhook-redis-${process.pid}`);
    const path = join(folder, "socket");
    let child: ChildProcess;
    const node = createClient({ socket: { path, tls: false } });
    const io = new Redis({ path, lazyConnect: true, retryStrategy: () => 100 });
    node.on("error", () => undefined);
    io.on("error", () => undefined);

    beforeAll(async () => {
      mkdirSync(folder);
      child = spawn("redis-server", ["--port", "0", "--unixsocket", path, "--save", "", "--dir", folder]);
      await node.connect();
      await io.ping();
    });

    afterAll(async () => {
      node.destroy();
      io.disconnect();
      const exit = once(child, "exit");
      child.kill();
      await exit;
      rmSync(folder, { recursive: true, force: true });
    });

    test.each([
      ["redis", () => new RedisReplayStore({ client: node, prefix: "one:" })],
      ["ioredis", () => new RedisReplayStore({ client: io, prefix: "two:" })],
    ] as const)("remembers through %s, once and for the time given", async (_, open) => {
      const store = open();
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.putIfAbsent("key", 60_000)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await store.putIfAbsent("short", 20)).toBe(true);
      await expect.poll(() => store.putIfAbsent("short", 20), { interval: 30 }).toBe(true);
    });

    test("works behind a verifier, and two hosts share it", async () => {
      const signed = await signWebhook(stripe, { rawBody }, options);
      const here = createWebhookVerifier(stripe, {
        ...options,
        replay: new RedisReplayStore({ client: node }),
      });
      const there = createWebhookVerifier(stripe, {
        ...options,
        replay: new RedisReplayStore({ client: io }),
      });
      await here.verify(signed);
      expect(await refusal(there.verify(signed))).toBe("WEBHOOK_REPLAYED");
    });
  },
);

test("the Redis store takes no other answer for a promise", async () => {
  const store = new RedisReplayStore({ client: { sendCommand: async () => "QUEUED" } });
  await expect(store.putIfAbsent("key", 1)).rejects.toThrow("neither OK nor null");
});

function findRedis(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
