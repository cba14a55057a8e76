import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createGuard,
  createGuardFromEnv,
  type Guard,
  type GuardConfig,
  GuardError,
  type GuardOptions,
} from "@symbiont/core/guard";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemorySink, openPorts } from "../fake-ports.ts";
import { type GuardedFolder, guardedFolder } from "./guarded-folder.ts";

const MEMBERS = ["identity", "tools", "policy", "audit"] as const;
type Member = (typeof MEMBERS)[number];
const { identity, tools, policy, audit } = openPorts();
const own = { identity, tools, policy, audit };

let home: GuardedFolder;
let guards: Guard[];
beforeEach(async () => {
  guards = [];
  home = await guardedFolder();
});
afterEach(async () => {
  await Promise.allSettled(guards.map(async (guard) => guard.close()));
  home.remove();
});

/** The configuration of the folder without some members, as text from a file would come. */
function without(...left: readonly string[]): GuardConfig {
  return Object.fromEntries(
    Object.entries(home.config).filter(([name]) => !left.includes(name)),
  ) as unknown as GuardConfig;
}

async function open(config: GuardConfig, options: GuardOptions = {}): Promise<Guard> {
  const guard = await createGuard(config, { directory: home.folder, env: {}, ...options });
  guards.push(guard);
  return guard;
}

async function problems(opened: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await opened.catch((thrown: unknown) => thrown);
  if (!GuardError.is(error)) throw new Error(`no guard error: ${String(error)}`);
  return error.problems.map(({ path, found, fix }) => `${error.code} ${path}: ${found}; ${fix}`);
}

const call = { id: "call", server: "files", tool: "read_file", arguments: '{"path":"/srv/a"}' };
const run = async (guard: Guard, credential: string): Promise<unknown> =>
  guard.gate.run({ ...call, credential }, () => "ran");

describe("the member of a stage", () => {
  test.each(MEMBERS)("%s may be missing where the host brings the stage", async (member) => {
    const guard = await open(without(member), { stages: { [member]: own[member] } });
    await guard.gate.verifyTools(home.offered, "files");
    expect(await run(guard, home.apiKey)).toEqual({ denied: false, value: "ran" });
    const { config, replaced } = guard.describe();
    expect(replaced).toEqual([member]);
    expect(config).not.toHaveProperty(member);
  });

  test.each(MEMBERS)("%s is refused where it is missing and the host brings others", async (member) => {
    const { [member]: _, ...stages } = own;
    expect(await problems(open(without(...MEMBERS), { stages }))).toEqual([
      expect.stringMatching(new RegExp(`^GUARD_CONFIG_INVALID ${member}: nothing; write .`)),
    ]);
  });

  test("is no stage when it is undefined", async () => {
    const stages = { audit: undefined } as unknown as NonNullable<GuardOptions["stages"]>;
    expect(await problems(open(without("audit"), { stages }))).toHaveLength(1);
  });

  test("is missed together with everything else that is wrong", async () => {
    const config = { ...without("identity", "audit"), rate: 7 } as unknown as GuardConfig;
    expect((await problems(open(config))).map((text) => text.split(":")[0])).toEqual([
      "GUARD_CONFIG_INVALID identity",
      "GUARD_CONFIG_INVALID audit",
      "GUARD_CONFIG_INVALID rate",
    ]);
  });

  test("says nothing where the host brings the stage all the same: not of what is in force, nor of what is relaxed", async () => {
    const sink = new MemorySink();
    const loose: Pick<GuardConfig, Member> = {
      identity: { fixed: { kind: "agent", id: "nobody" } },
      tools: { enforcement: "disabled", firstUse: "trust", servers: {} },
      policy: { folder: "missing", allowByDefault: ["read_file"] },
      audit: "none",
    };
    const stages = {
      ...own,
      audit: sink,
      rate: { take: () => ({ allowed: true, remaining: 1, retryAfterMs: 0 }) },
    };
    const guard = await open({ ...home.config, ...loose }, { stages, env: { SYMBIONT_ENV: "production" } });
    const { config, relaxed, stores } = guard.describe();
    expect(Object.keys(config as object)).toEqual(["timeouts"]);
    expect([relaxed, stores]).toEqual([[], {}]);
    expect(sink.records[0]?.data).toMatchObject({ relaxed: [], replaced: [...MEMBERS, "rate"] });
  });

  test("leaves nothing to be configured where the host brings every stage", async () => {
    const guard = await createGuard({}, { directory: home.folder, env: {}, stages: own });
    guards.push(guard);
    expect(await run(guard, "")).toEqual({ denied: false, value: "ran" });
  });

  test.each(MEMBERS)("%s may be missing in the file, too", async (member) => {
    const file = join(home.folder, "symbiont.config.json");
    writeFileSync(file, JSON.stringify(without(member)));
    const env = { SYMBIONT_CONFIG: file };
    guards.push(await createGuardFromEnv({ env, stages: { [member]: own[member] } }));
    expect(await problems(createGuardFromEnv({ env }))).toHaveLength(1);
  });
});
