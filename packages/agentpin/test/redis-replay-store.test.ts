import { RedisReplayStore } from "@symbiont/agentpin/redis";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noRedis, startRedis, type TestServer } from "../../../scripts/testing/servers.ts";
import { refused, said, World } from "./world.ts";

describe.skipIf(noRedis !== "")(`Redis${noRedis}`, () => {
  let server: TestServer;
  let ioredis: Redis;
  let redis: ReturnType<typeof createClient>;
  beforeAll(async () => {
    server = await startRedis();
    ioredis = new Redis(server.port, "127.0.0.1", { maxRetriesPerRequest: 1 });
    ioredis.on("error", () => undefined);
    redis = createClient({ socket: { host: "127.0.0.1", port: server.port } });
    redis.on("error", () => undefined);
    await redis.connect();
  }, 60_000);
  afterAll(async () => {
    ioredis?.disconnect();
    redis?.destroy();
    await server?.remove();
  });

  test("one of many verifiers on many hosts accepts a credential", async () => {
    const world = new World();
    world.now = Math.floor(Date.now() / 1000);
    Object.assign(world.revocation, { updated_at: new Date(world.now * 1000).toISOString() });
    const stores = [new RedisReplayStore({ client: ioredis }), new RedisReplayStore({ client: redis })];
    const verifiers = stores.map((replay) => world.verifier({ replay }));
    const token = world.token();
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => verifiers[index % 2]?.verify(token)),
    );
    expect(results.filter((result) => result?.valid)).toHaveLength(1);
    expect(await ioredis.pttl((await ioredis.keys("agentpin-replay:*"))[0] ?? "")).toBeGreaterThan(600_000);
  });

  test("a server that is gone lets nobody through", async () => {
    const world = new World();
    const verifier = world.verifier({ replay: new RedisReplayStore({ client: ioredis, prefix: "gone:" }) });
    expect(said(await verifier.verify(world.token()))).toBe("valid");
    await server.stop();
    expect(await verifier.verify(world.token())).toEqual(
      refused("CREDENTIAL_REVOKED", "replay_store_failed"),
    );
    await server.start();
  });
});
