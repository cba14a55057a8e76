import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerTier, type RunResult, Sandbox } from "@symbiont/sandbox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testEngine } from "./engine/engine.ts";
import { OwnEngine } from "./engine/own-engine.ts";
import { processesOf } from "./processes-of.ts";

const USERS = { first: 232_000, count: 50 };
const shared = await testEngine();
const why = typeof shared === "string" ? ` (skipped: ${shared})` : "";
const skip = why !== "";

let engine: OwnEngine;
beforeAll(async () => {
  if (typeof shared !== "string") engine = await OwnEngine.start(shared.rootfs);
}, 120_000);
afterAll(async () => {
  if (!skip) await engine.remove();
}, 60_000);

/** A run that is in the middle of things. */
async function running(
  sandbox: Sandbox,
  wallMs = 60_000,
): Promise<{ readonly outcome: Promise<RunResult | Error> }> {
  let begun: (() => void) | undefined;
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const outcome = sandbox
    .exec(["/bin/sh", "-c", "echo begun; sleep 600 & sleep 600"], {
      limits: { wallMs },
      onOutput: () => begun?.(),
    })
    .catch((error: unknown) => error as Error);
  await started;
  return { outcome };
}

function fresh(): Sandbox {
  const tier = dockerTier({
    image: engine.image,
    socketPath: engine.socketPath,
    engineTimeoutMs: 1_000,
    uidRange: USERS,
  });
  return new Sandbox({ tier });
}

/** Whoever asks next has what is left cleared away. */
async function nothingIsLeft(sandbox: Sandbox): Promise<void> {
  const { status, stdout } = await sandbox.exec(["/bin/echo", "well"]);
  expect([status, stdout.text()]).toEqual(["exited", "well\n"]);
  await sandbox.close();
  for (let tries = 0; tries < 100 && left().length > 0; tries += 1) await sleep(100);
  expect(left()).toEqual([]);
}

/** Processes of guests, and folders of this host's runs. */
function left(): readonly string[] {
  return [...guests(), ...readdirSync(tmpdir()).filter((name) => name.startsWith(`sandbox-${process.pid}-`))];
}

const guests = (): readonly string[] => processesOf(USERS);

const INFRASTRUCTURE = /^SANDBOX_(?:ENGINE_FAILED|ENGINE_TIMED_OUT|TIER_UNAVAILABLE)$/;

test.skipIf(skip)(
  `an engine that is stopped in the middle of a run is an error of its own, and nothing of the run is left${why}`,
  async () => {
    const sandbox = fresh();
    const { outcome } = await running(sandbox);
    await engine.end("SIGTERM");
    expect(await outcome).toMatchObject({
      code: expect.stringMatching(INFRASTRUCTURE) as string,
      retryable: true,
    });
    await expect(sandbox.exec(["/bin/true"])).rejects.toMatchObject({
      code: "SANDBOX_TIER_UNAVAILABLE",
      retryable: true,
    });
    // Nobody waits for the engine to come back.
    expect(guests()).toEqual([]);
    await engine.run();
    await nothingIsLeft(sandbox);
  },
  120_000,
);

test.skipIf(skip)(
  `so is one that is killed, which leaves its containers running${why}`,
  async () => {
    const sandbox = fresh();
    const { outcome } = await running(sandbox);
    await engine.end("SIGKILL");
    expect(await outcome).toMatchObject({
      code: expect.stringMatching(INFRASTRUCTURE) as string,
      retryable: true,
    });
    // Nobody waits for the engine to come back.
    expect(guests()).toEqual([]);
    await engine.run();
    await nothingIsLeft(sandbox);
  },
  120_000,
);

test.skipIf(skip)(
  `one that hangs in the middle of a run does not hold up its end, and what it holds is cleared away once it answers${why}`,
  async () => {
    const sandbox = fresh();
    const { outcome } = await running(sandbox, 2_000);
    engine.freeze();
    const result = await outcome;
    expect(result).toMatchObject({ status: "sandbox-failure", survivors: 0 });
    expect(guests()).toEqual([]);
    expect((result as RunResult).stdout.text()).toBe("begun\n");
    await expect(sandbox.exec(["/bin/true"])).rejects.toMatchObject({
      code: "SANDBOX_ENGINE_TIMED_OUT",
      retryable: true,
    });
    engine.thaw();
    await nothingIsLeft(sandbox);
  },
  120_000,
);

test.skipIf(skip)(
  `one that hangs before a run begins is said to, and the run leaves nothing${why}`,
  async () => {
    const sandbox = fresh();
    await sandbox.exec(["/bin/true"]);
    engine.freeze();
    const refused = expect(sandbox.exec(["/bin/true"])).rejects;
    await refused.toMatchObject({ code: "SANDBOX_ENGINE_TIMED_OUT", retryable: true });
    engine.thaw();
    await nothingIsLeft(sandbox);
  },
  120_000,
);
