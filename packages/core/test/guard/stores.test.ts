import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryPinStore as AgentPins } from "@symbiont/agentpin";
import { ApiKeys, MemoryStore } from "@symbiont/api-keys";
import {
  createGuard,
  type Guard,
  type GuardConfig,
  type GuardOptions,
  type GuardStores,
} from "@symbiont/core/guard";
import { MemoryApprovalStore } from "@symbiont/policy/approvals";
import type { RateStore } from "@symbiont/ratelimit";
import { MemoryTrustLedger, MemoryPinStore as ToolPins } from "@symbiont/schemapin";
import { SecretFile } from "@symbiont/secrets/file";
import { envKey } from "@symbiont/secrets/key-providers/env";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { agentPinIdentity, type GuardedFolder, guardedFolder } from "./guarded-folder.ts";

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

async function open(config: GuardConfig, options: GuardOptions = {}): Promise<Guard> {
  const guard = await createGuard(config, { directory: home.folder, env: {}, ...options });
  guards.push(guard);
  return guard;
}

async function problems(config: GuardConfig, stores: GuardStores): Promise<readonly unknown[]> {
  const error: unknown = await open(config, { stores }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "GUARD_CONFIG_INVALID" });
  return (error as { problems: { path: string }[] }).problems.map(({ path }) => path);
}

const call = (credential: string, path = "/srv/a") => ({
  id: "call",
  server: "files",
  tool: "read_file",
  arguments: JSON.stringify({ path }),
  credential,
});
const audience = "tools.internal";
const withoutPins = () => {
  const { pins: _, ...tools } = home.config.tools;
  return tools;
};

describe("stores that the host brings", () => {
  test("take the place of every file, and are named by their kind and nothing else", async () => {
    const apiKeys = new MemoryStore();
    const keys = new ApiKeys({ store: apiKeys });
    const issued = await keys.create({ agents: ["agent-7"] });
    await keys.close();
    let taken = 0;
    const rate: RateStore = {
      apply: async (limits, steps) => {
        taken += steps.length;
        return steps.flatMap(() => limits.map(() => 1));
      },
    };
    const approvals = new MemoryApprovalStore();
    const toolPins = new ToolPins();
    const guard = await open(
      {
        ...home.config,
        identity: { apiKeys: { audience } },
        tools: withoutPins(),
        approvals: { roles: { operator: { approvers: ["dana"] } } },
      },
      { stores: { apiKeys, rate, toolPins, trustLedger: new MemoryTrustLedger(), approvals } },
    );
    await guard.gate.verifyTools(home.offered, "files");
    const token = issued.token.reveal();
    expect(await guard.gate.run(call(token), () => 1)).toEqual({ denied: false, value: 1 });
    const asking = guard.gate.run(call(token, "/srv/approved"), () => 1);
    await vi.waitUntil(async () => (await approvals.countPending()) === 1);
    expect(taken).toBe(2);
    expect((await toolPins.list()).length).toBeGreaterThan(0);
    expect(existsSync(join(home.folder, "pins.json"))).toBe(false);
    expect(guard.describe().stores).toEqual({
      apiKeys: "MemoryStore",
      approvals: "MemoryApprovalStore",
      rate: "own",
      toolPins: "MemoryPinStore",
      trustLedger: "MemoryTrustLedger",
    });
    await guard.close();
    await asking;
  });

  test("keep the pins of agents", async () => {
    const agentPins = new AgentPins();
    const { pins: _, ...agentPin } = agentPinIdentity.agentPin ?? { audience, issuers: [] };
    const guard = await open({ ...home.config, identity: { agentPin } }, { stores: { agentPins } });
    await guard.gate.verifyTools(home.offered, "files");
    expect(await guard.gate.run(call(home.agentPin), () => 1)).toEqual({ denied: false, value: 1 });
    expect(agentPins.list()).toHaveLength(1);
    expect(guard.describe().stores).toMatchObject({ agentPins: "MemoryPinStore", toolPins: "file" });
  });

  test("are on record when a guard starts", async () => {
    const records: { data?: unknown }[] = [];
    await open(home.config, {
      stages: { audit: { append: async (record) => ({ sequence: records.push(record) - 1 }) } },
    });
    expect(records[0]?.data).toMatchObject({
      stores: { apiKeys: "file", rate: "memory", toolPins: "file", trustLedger: "memory" },
    });
  });

  test("that do not answer make the guard unready", async () => {
    const rate: RateStore = { apply: async () => Promise.reject(new Error("gone")) };
    const guard = await open(home.config, { stores: { rate } });
    const { ready, parts } = await guard.health();
    expect([ready, parts.filter(({ ok }) => !ok).map(({ part }) => part)]).toEqual([false, ["rate"]]);
  });

  test("are refused beside a file, where nothing uses them, and missed where there is no file", async () => {
    const { config } = home;
    const keys = { apiKeys: new MemoryStore() };
    expect(await problems(config, keys)).toEqual(["identity.apiKeys.file"]);
    expect(
      await problems({ ...config, identity: { apiKeys: { audience } }, tools: withoutPins() }, {}),
    ).toEqual(["identity.apiKeys.file", "tools.pins"]);
    expect(await problems({ ...config, identity: agentPinIdentity }, keys)).toEqual(["stores.apiKeys"]);
    const rate: RateStore = { apply: async () => [] };
    expect(
      await problems({ ...config, rate: "unlimited" }, { rate, approvals: new MemoryApprovalStore() }),
    ).toEqual(["stores.rate", "stores.approvals"]);
  });
});

describe("the key of the secrets", () => {
  const passphrase = "a passphrase that is long enough";

  test.each([
    ["SYMBIONT_MASTER_KEY", undefined],
    ["OWN_KEY", { env: "OWN_KEY" }],
  ])("is %s of the environment that the guard was given, not of the process", async (name, key) => {
    const folder = mkdtempSync(join(tmpdir(), "guard-key-"));
    try {
      const file = join(folder, "secrets.enc");
      const id = name === "OWN_KEY" ? envKey(name) : { id: "symbiont-master-key", type: "local" as const };
      const keyProviders = [
        { ...id, type: "local" as const, load: async () => ({ kind: "passphrase" as const, passphrase }) },
      ];
      await (await SecretFile.create(file, { keyProviders })).close();
      const secrets = { file, ...(key !== undefined && { key }) };
      vi.stubEnv(name, "another passphrase, of the process");
      const guard = await open({ ...home.config, secrets }, { env: { [name]: passphrase } });
      expect(guard.secrets).toBeDefined();
      await guard.close();
      vi.stubEnv(name, passphrase);
      await expect(open({ ...home.config, secrets }, { env: {} })).rejects.toMatchObject({
        code: "GUARD_START_FAILED",
      });
      expect(readFileSync(file).length).toBeGreaterThan(0);
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
