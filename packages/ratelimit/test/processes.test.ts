import { describe, expect, test } from "vitest";
import { runChild } from "../../../scripts/testing/run-child.ts";
import { hasRedis, RedisServer, redisTitle } from "./redis-server.ts";

describe("in processes of their own", () => {
  test.skipIf(!hasRedis)(redisTitle("two processes hold one limit exactly"), async () => {
    const server = await RedisServer.start();
    try {
      const args = [String(server.port), "1000", "3200"];
      const results = await Promise.all(
        [1, 2].map(async () => runChild("ratelimit", "hammer-child.ts", { args })),
      );
      const [one, other] = results as { allowed: number; notFromStore: number }[];
      expect((one?.allowed ?? 0) + (other?.allowed ?? 0)).toBe(1000);
      expect([one?.notFromStore, other?.notFromStore]).toEqual([0, 0]);
    } finally {
      await server.close();
    }
  });

  test("the main entry works where no builtin module exists", async () => {
    expect(await runChild("ratelimit", "web-entry.mjs", { preload: ["refuse-builtins.mjs"] })).toEqual([
      true,
      '"default";q=1;w=60',
      "store",
      1,
    ]);
  });
});
