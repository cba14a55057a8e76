import { request } from "node:http";
import { Sandbox, type WarmTier } from "@symbiont/sandbox";
import { afterAll, describe, expect, test } from "vitest";
import { testEngine } from "./engine/engine.ts";
import { processesOf } from "./processes-of.ts";
import { tiers } from "./tiers.ts";

const USERS = { first: 220_000, count: 2_000 };
const MIB = 1024 * 1024;
/** A container takes a hundred times as long as a namespace. */
const ROUNDS: Readonly<Record<string, number>> = { native: 500, namespace: 500 };
const tried = await tiers(USERS);

describe.each(tried)("in tier $name", ({ name, tier, why, users = USERS }) => {
  afterAll(async () => (tier as Partial<WarmTier>).close?.());

  test.skipIf(why !== "")(`nothing is left, whenever a run is not wanted any more${why}`, async () => {
    const sandbox = new Sandbox({ tier, limits: { wallMs: 60_000 } });
    const rounds = ROUNDS[name] ?? 60;
    const statuses = new Map<string, number>();
    // As long as a run takes, and some more: no moment is left out.
    const longestMs = name === "native" || name === "namespace" ? 40 : 600;
    await Promise.all(
      Array.from({ length: rounds }, async () => {
        const stop = new AbortController();
        const run = sandbox.run({
          interpreter: "/bin/sh",
          code: "setsid sleep 50 & sleep 0.01; echo done",
          signal: stop.signal,
          onOutput: () => setTimeout(() => stop.abort(), Math.random() * 10),
        });
        setTimeout(() => stop.abort(), Math.random() * longestMs * (rounds / 8));
        const { status, survivors } = await run;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(survivors).toBe(0);
      }),
    );
    expect([...statuses.keys()].filter((status) => status !== "cancelled" && status !== "exited")).toEqual(
      [],
    );
    await sandbox.close();
    await (tier as Partial<WarmTier>).close?.();
    expect(processesOf(users)).toEqual([]);
    expect(await containers(name)).toBe(0);
  });

  test.skipIf(why !== "")(`a flood of output is read in bounded memory, and dropped${why}`, async () => {
    const sandbox = new Sandbox({ tier });
    await sandbox.exec(["/bin/sh", "-c", "true"]);
    const before = process.memoryUsage().rss;
    let most = 0;
    // gVisor takes minutes to write what others write in seconds.
    const bytes = name.startsWith("gvisor") ? 64 * MIB : 1024 * MIB;
    const { status, stdout } = await sandbox.run({
      interpreter: "/bin/sh",
      code: `head -c ${bytes} /dev/zero`,
      limits: { outputHardBytes: 2048 * MIB, wallMs: 300_000 },
      onOutput: () => {
        most = Math.max(most, process.memoryUsage.rss());
      },
    });
    expect([status, stdout.totalBytes, stdout.bytes.length, stdout.truncated]).toEqual([
      "exited",
      bytes,
      MIB,
      true,
    ]);
    expect(most - before).toBeLessThan(200 * MIB);
  });

  test.skipIf(why !== "")(`a hundred runs at once leave nothing${why}`, async () => {
    const sandbox = new Sandbox({
      tier,
      maxConcurrent: name === "native" || name === "namespace" ? 100 : 10,
    });
    const runs = Array.from({ length: 100 }, async (_, index) =>
      sandbox.exec(["/bin/sh", "-c", `exit ${index}`]),
    );
    expect((await Promise.all(runs)).map(({ exitCode }) => exitCode)).toEqual(runs.map((_, index) => index));
    await sandbox.close();
    await (tier as Partial<WarmTier>).close?.();
    expect(processesOf(users)).toEqual([]);
    expect(await containers(name)).toBe(0);
  });
});

/** Containers of the engine, of whatever state; those that another tier keeps are no guest's. */
async function containers(tier: string): Promise<number> {
  const engine = await testEngine();
  if (typeof engine === "string") return 0;
  const text = await new Promise<string>((resolve, reject) => {
    request({ socketPath: engine.socketPath, path: "/containers/json?all=1", agent: false }, (response) => {
      let all = "";
      response.on("data", (chunk: Uint8Array) => {
        all += Buffer.from(chunk).toString();
      });
      response.on("end", () => resolve(all));
    })
      .on("error", reject)
      .end();
  });
  const all = JSON.parse(text) as { readonly Command: string }[];
  return all.filter(({ Command }) => tier === "docker, kept warm" || !Command.includes("read _")).length;
}
