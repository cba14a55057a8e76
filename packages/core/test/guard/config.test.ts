import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createGuard,
  createGuardFromEnv,
  type GuardConfig,
  GuardError,
  readEnvironmentConfig,
} from "@symbiont/core/guard";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GuardedFolder, guardedFolder } from "./guarded-folder.ts";

let home: GuardedFolder;
beforeEach(async () => {
  home = await guardedFolder();
});
afterEach(() => home.remove());

/** The error of a start that must fail. */
async function failure(config: unknown, env: Record<string, string> = {}): Promise<GuardError> {
  const caught: unknown = await createGuard(config as GuardConfig, { directory: home.folder, env }).then(
    async (guard) => guard.close(),
    (error: unknown) => error,
  );
  if (!GuardError.is(caught)) throw new Error(`no guard error: ${String(caught)}`);
  return caught;
}

describe("a configuration that cannot be used", () => {
  test.each([
    [{ tier: "docker" }, "sandbox.image: nothing"],
    [{ tier: "gvisor" }, "sandbox.image: nothing"],
    [{ tier: "gvisor", image: "guest", rootfs: "/srv/root" }, "sandbox.image: a text"],
    [{ tier: "podman" }, "sandbox.tier: a text"],
  ])("is refused for a sandbox that lacks what it runs in: %j", async (sandbox, expected) => {
    const { code, problems } = await failure({ ...home.config, sandbox });
    expect([code, ...problems.map(({ path, found }) => `${path}: ${found}`)]).toEqual([
      "GUARD_CONFIG_INVALID",
      expected,
    ]);
  });

  test("is refused at the start when the tier does not work here, with no weaker one in its place", async () => {
    const engineSocket = join(home.folder, "no-engine.sock");
    const { code, message } = await failure({
      ...home.config,
      sandbox: { tier: "docker", image: "guest", engineSocket },
    });
    expect(code).toBe("GUARD_START_FAILED");
    expect(message).toContain("docker");
  });

  test("is refused when a server has the id of the program's own tools", async () => {
    const { code, problems } = await failure({
      ...home.config,
      tools: { ...home.config.tools, own: ["files"] },
    });
    expect([code, problems[0]?.path]).toEqual(["GUARD_CONFIG_INVALID", "tools.servers.files"]);
  });

  test("is refused with everything that is wrong, by path, kind and fix", async () => {
    const { code, problems, message } = await failure({
      ...home.config,
      identity: { apiKeys: { file: 7 } },
      rate: { limits: [{ count: "many", periodMs: 1000 }] },
      tools: { pins: "pins.json", enforcment: "strict", own: "all", servers: { files: { domain: null } } },
      policy: [],
      audit: { ...home.config.audit, key: "" },
      timeouts: { stageMs: -1 },
    });
    expect(code).toBe("GUARD_CONFIG_INVALID");
    expect(problems.map(({ path, found }) => `${path}: ${found}`).sort()).toEqual([
      "audit.key: an empty text",
      "identity.apiKeys.audience: nothing",
      "identity.apiKeys.file: a number",
      "policy: a list",
      "rate.limits.0.count: a text",
      "timeouts.stageMs: a number",
      "tools.enforcment: a text",
      "tools.own: a text",
      "tools.servers.files.domain: null",
    ]);
    expect(problems.every(({ fix }) => fix.length > 5 && message.includes(fix))).toBe(true);
  });

  test.each([[undefined], [null], [7], ["a text"], [[]]])("is refused when it is %s", async (config) => {
    const { code, problems } = await failure(config);
    expect([code, problems[0]?.path]).toEqual(["GUARD_CONFIG_INVALID", "the configuration"]);
  });

  test.each([
    [
      "two identities",
      { identity: { fixed: { kind: "agent", id: "a" }, apiKeys: { file: "f", audience: "a" } } },
    ],
    ["no identity", { identity: {} }],
    ["a model log without secrets", { modelLog: { folder: "l", secret: "s" } }],
    [
      "a lock and signatures",
      { tools: { pins: "p", servers: { s: { domain: "d.example", lock: "l", signatures: "s" } } } },
    ],
    ["two keys of secrets", { secrets: { file: "f", key: { env: "A", file: "b" } } }],
    ["an unknown limit of a sandbox", { sandbox: { limits: { memory: 1 } } }],
    [
      "an issuer without documents",
      { identity: { agentPin: { audience: "a", issuers: ["d.example"], pins: "p", documents: {} } } },
    ],
  ])("is refused with %s", async (_, part) => {
    expect((await failure({ ...home.config, ...part })).code).toBe("GUARD_CONFIG_INVALID");
  });

  test("never shows a value", async () => {
    const marker = "sk-live-MARKER-0123456789";
    const { message, problems } = await failure({
      ...home.config,
      identity: { fixed: { kind: marker, id: [marker] } },
      audit: { ...home.config.audit, failureMode: marker },
      secrets: { file: { marker }, key: marker },
    });
    expect(problems.length).toBeGreaterThan(3);
    expect(message).not.toContain(marker);
  });

  test("is read in bounded length, however much is wrong with it", async () => {
    const wrong = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`\u001b[31m${index}`, 1]));
    const { message } = await failure({ ...home.config, ...wrong });
    expect(message.length).toBeLessThan(20_000);
    expect(message).not.toContain("\u001b");
  });
});

describe("a production start", () => {
  const relaxed = {
    audit: "none",
    tools: { pins: "pins.json", enforcement: "disabled", servers: {} },
    sandbox: { tier: "native" },
  };

  test.each([{ SYMBIONT_ENV: "production" }, { SYMBIONT_ENV: " PROD " }, { NODE_ENV: "production" }])(
    "refuses everything that is unsafe, at once: %o",
    async (env) => {
      const { code, problems } = await failure({ ...home.config, ...relaxed }, env);
      expect(code).toBe("GUARD_PRODUCTION_REFUSED");
      expect(problems.map(({ path }) => path)).toEqual(["audit", "tools.enforcement", "sandbox.tier"]);
    },
  );

  test.each(["development", "disabled"])(
    "refuses enforcement %s, but for the override of Symbiont",
    async (enforcement) => {
      const config = { ...home.config, tools: { ...home.config.tools, enforcement } } as GuardConfig;
      expect((await failure(config, { SYMBIONT_ENV: "production" })).code).toBe("GUARD_PRODUCTION_REFUSED");
      const env = { SYMBIONT_ENV: "production", SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS: "1" };
      const guard = await createGuard(config, { directory: home.folder, env });
      expect(guard.describe().relaxed.map(({ path }) => path)).toEqual(["tools.enforcement"]);
      await guard.close();
    },
  );

  test("refuses ephemeral keys, and has no override for them", async () => {
    const config = { ...home.config, audit: { ...home.config.audit, key: "ephemeral" } };
    const env = { SYMBIONT_ENV: "production", SYMBIONT_ALLOW_EPHEMERAL_KEY: "1" };
    expect((await failure(config, env)).problems.map(({ path }) => path)).toEqual(["audit.key"]);
  });

  test("is not one elsewhere", async () => {
    const config = { ...home.config, ...relaxed, sandbox: undefined } as unknown as Record<string, unknown>;
    delete config["sandbox"];
    const guard = await createGuard(config as unknown as GuardConfig, {
      directory: home.folder,
      env: { SYMBIONT_ENV: "test" },
    });
    expect(guard.describe()).toMatchObject({ production: false, config: { audit: "none" } });
    await guard.close();
  });
});

describe("the environment", () => {
  const file = () => join(home.folder, "symbiont.config.json");
  const write = (config: unknown): void => writeFileSync(file(), JSON.stringify(config));

  test("names the configuration, and counts more than it", async () => {
    write({ ...home.config, trustedProxies: ["192.0.2.1"], timeouts: { stageMs: 10 } });
    const { config, directory, ignored } = await readEnvironmentConfig({
      SYMBIONT_CONFIG: file(),
      SYMBIONT_TRUSTED_PROXIES: "10.0.0.0/8, 10.1.0.1",
      SYMBI_TRUSTED_PROXIES: "10.0.0.0/8,fd00::/8",
      SYMBIONT_ESCALATION_TIMEOUT: "30",
      SYMBIONT_LOGGING_KEY: "x",
    });
    expect(directory).toBe(home.folder);
    expect(config.trustedProxies).toEqual(["10.0.0.0/8", "10.1.0.1", "fd00::/8"]);
    expect(config.timeouts).toEqual({ stageMs: 10, approvalMs: 30_000 });
    expect(ignored).toEqual(["SYMBIONT_LOGGING_KEY"]);
  });

  test("opens a guard with Symbiont's single token, unless it is refused", async () => {
    write(home.config);
    const token = "Zq8vK2mXw4Rt7Yb1Nc5Jd9Lf3Hg6Ps0T";
    const env = { SYMBIONT_CONFIG: file(), SYMBIONT_API_TOKEN: token };
    const call = {
      id: "1",
      server: "files",
      tool: "read_file",
      arguments: '{"path":"/srv/a"}',
      credential: token,
    };
    for (const [refuse, code] of [
      ["0", undefined],
      ["1", "GATE_IDENTITY_REFUSED"],
    ] as const) {
      const guard = await createGuardFromEnv({ env: { ...env, SYMBIONT_REFUSE_LEGACY_API_TOKEN: refuse } });
      await guard.gate.verifyTools(home.offered, "files");
      expect(await guard.gate.run(call, () => 1)).toMatchObject(code === undefined ? { value: 1 } : { code });
      await guard.close();
    }
  });

  test.each([
    ["SYMBIONT_ENV", "prodcution"],
    ["SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS", "yes"],
    ["SYMBIONT_REFUSE_LEGACY_API_TOKEN", "2"],
    ["SYMBIONT_RATE_LIMIT_REJECT_OVERFLOW", "sometimes"],
    ["SYMBIONT_ESCALATION_TIMEOUT", "2m"],
    ["SYMBIONT_ESCALATION_TIMEOUT", "-77"],
    ["SYMBIONT_REQUIRE_APPROVAL_TOOLS", "delete_file"],
    ["SYMBIONT_ALLOW_UNISOLATED", "1"],
  ])("is refused when %s is %s", async (name, value) => {
    write(home.config);
    const error: unknown = await createGuardFromEnv({
      env: { SYMBIONT_CONFIG: file(), [name]: value },
    }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "GUARD_ENVIRONMENT_INVALID", problems: [{ path: name }] });
    expect((error as Error).message).not.toContain(value);
  });

  test("is refused with every wrong variable at once", async () => {
    const env = { SYMBIONT_ENV: "x", SYMBIONT_ESCALATION_TIMEOUT: "x" };
    await expect(readEnvironmentConfig(env)).rejects.toMatchObject({
      problems: [{ path: "SYMBIONT_ENV" }, { path: "SYMBIONT_ESCALATION_TIMEOUT" }],
    });
  });

  test.each([
    ["is not there", undefined],
    ["is not JSON", "{"],
    ["has a name twice", '{"identity":{},"identity":{}}'],
  ])("says so when the file %s", async (_, text) => {
    if (text !== undefined) writeFileSync(file(), text);
    await expect(readEnvironmentConfig({ SYMBIONT_CONFIG: file() })).rejects.toMatchObject({
      code: "GUARD_START_FAILED",
    });
  });

  test("with a proxy that is no address does not start", async () => {
    write(home.config);
    const env = { SYMBIONT_CONFIG: file(), SYMBIONT_TRUSTED_PROXIES: "10.0.0.0/33" };
    await expect(createGuardFromEnv({ env })).rejects.toMatchObject({ code: "GUARD_START_FAILED" });
  });
});

describe("describe", () => {
  test("shows what is in force with its defaults, and nothing that looks like a secret", async () => {
    const token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    const guard = await createGuard(
      { ...home.config, redact: { sensitiveParams: [token] } },
      { directory: home.folder, env: {} },
    );
    const description = guard.describe();
    await guard.close();
    expect(JSON.stringify(description)).not.toContain(token);
    expect(description).toMatchObject({
      config: {
        tools: { enforcement: "strict", firstUse: "trust", onSignedChange: "review" },
        audit: { failureMode: "strict", key: "audit-key.pem" },
        timeouts: { stageMs: 5000, approvalMs: 120_000, drainMs: 30_000 },
      },
      relaxed: [],
    });
  });
});
