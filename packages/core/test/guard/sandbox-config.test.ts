import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createGuard, type GuardConfig, GuardError } from "@symbiont/core/guard";
import { SecretFile } from "@symbiont/secrets/file";
import { envKey } from "@symbiont/secrets/key-providers/env";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GuardedFolder, guardedFolder } from "./guarded-folder.ts";

const MASTER = { SECRETS_KEY: randomBytes(32).toString("hex") };
let home: GuardedFolder;
let service: Server;
let url: string;
/** Keys that the service was asked with. */
const keys: unknown[] = [];
beforeEach(async () => {
  home = await guardedFolder();
  service = createServer((request, response) => {
    keys.push(request.headers["x-api-key"]);
    request.resume();
    response.writeHead(401, { "content-type": "application/json" }).end('{"code":401,"message":"no"}');
  });
  await new Promise<void>((resolve) => {
    service.listen(0, "127.0.0.1", resolve);
  });
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterEach(() => {
  keys.length = 0;
  service.closeAllConnections();
  service.close();
  home.remove();
});

/** The error of a start that must fail. */
async function failure(config: object, env: Record<string, string> = {}): Promise<GuardError> {
  const given = { ...home.config, ...config } as unknown as GuardConfig;
  const caught: unknown = await createGuard(given, { directory: home.folder, env }).then(
    async (guard) => guard.close(),
    (error: unknown) => error,
  );
  if (!GuardError.is(caught)) throw new Error(`no guard error: ${String(caught)}`);
  return caught;
}

const hosted = (): object => ({ tier: "e2b", template: "base", endpoint: { apiUrl: url, sandboxUrl: url } });

describe("a tier of the configuration", () => {
  test.each([
    [{ tier: "qemu" }, ["sandbox.kernel: nothing", "sandbox.initrd: nothing"]],
    [{ tier: "qemu", kernel: "vmlinux" }, ["sandbox.initrd: nothing"]],
    [{ tier: "e2b" }, ["sandbox.template: nothing"]],
    [{ tier: "e2b", template: "base", apiKey: { secret: "KEY" } }, ["sandbox.apiKey.secret: a text"]],
    [{ tier: "e2b", template: "base", warm: 1 }, ["sandbox.warm: a number"]],
    [{ tier: "native", warm: 1 }, ["sandbox.warm: a number"]],
    [{ warm: 65 }, ["sandbox.warm: a number"]],
    [{ tier: "firecracker" }, ["sandbox.tier: a text"]],
  ])("needs what it runs in: %j", async (sandbox, expected) => {
    const { code, problems } = await failure({ sandbox });
    expect([code, ...problems.map(({ path, found }) => `${path}: ${found}`)]).toEqual([
      "GUARD_CONFIG_INVALID",
      ...expected,
    ]);
  });

  test("is refused at the start when its machine is not there, with no other one in its place", async () => {
    const sandbox = { tier: "qemu", kernel: "no/vmlinux", initrd: "no/initrd" };
    const { code, message } = await failure({ sandbox });
    expect([code, message]).toEqual([
      "GUARD_START_FAILED",
      expect.stringContaining("tier qemu does not work"),
    ]);
    expect(message).toContain("kernel or image cannot be read");
  });
});

describe("the key of a hosted tier", () => {
  test("never stands in the configuration, nor in what is said about it", async () => {
    const marker = "e2b_MARKER_0123456789abcdef";
    for (const apiKey of [marker, { key: marker }, { env: "A", secret: "B" }, {}]) {
      const { code, message, problems } = await failure({ sandbox: { ...hosted(), apiKey } });
      expect(code).toBe("GUARD_CONFIG_INVALID");
      expect(problems[0]?.path).toMatch(/^sandbox\.apiKey/);
      expect(JSON.stringify([message, problems])).not.toContain(marker);
    }
    expect(keys).toEqual([]);
  });

  test.each([{}, { apiKey: { env: "OTHER_KEY" } }])("is missed before anybody is asked: %j", async (key) => {
    const { code, problems } = await failure({ sandbox: { ...hosted(), ...key } });
    expect([code, problems[0]?.path, problems[0]?.found]).toEqual([
      "GUARD_CONFIG_INVALID",
      "sandbox.apiKey",
      "nothing",
    ]);
    expect(keys).toEqual([]);
  });

  test.each([
    [{}, { E2B_API_KEY: "from-its-variable" }, "from-its-variable"],
    [{ apiKey: { env: "OTHER_KEY" } }, { OTHER_KEY: "from-another", E2B_API_KEY: "no" }, "from-another"],
  ])("comes from a variable: %j", async (key, env, expected) => {
    const { code, message } = await failure({ sandbox: { ...hosted(), ...key } }, env);
    expect([code, message]).toEqual([
      "GUARD_START_FAILED",
      expect.stringContaining("tier e2b does not work"),
    ]);
    expect(new Set(keys)).toEqual(new Set([expected]));
    expect(message).not.toContain(expected);
  });

  test("comes from a secret, by name", async () => {
    const keyProviders = [envKey("SECRETS_KEY", { environment: MASTER })];
    const file = await SecretFile.create(join(home.folder, "agent.secrets"), { keyProviders });
    await file.store.set("SERVICE_KEY", "from-the-file");
    await file.close();
    const secrets = { file: "agent.secrets", key: { env: "SECRETS_KEY" } };
    const sandbox = { ...hosted(), apiKey: { secret: "SERVICE_KEY" } };
    const env = { ...MASTER, E2B_API_KEY: "from-its-variable" };
    const { code, message } = await failure({ sandbox, secrets }, env);
    expect([code, message]).toEqual([
      "GUARD_START_FAILED",
      expect.stringContaining("tier e2b does not work"),
    ]);
    expect(new Set(keys)).toEqual(new Set(["from-the-file"]));

    const missing = await failure({ sandbox: { ...hosted(), apiKey: { secret: "NONE" } }, secrets }, env);
    expect(missing.code).toBe("GUARD_START_FAILED");
    expect(new Set(keys)).toEqual(new Set(["from-the-file"]));
  });

  test("is asked for nothing where no hosted tier is named", async () => {
    const guard = await createGuard(home.config, {
      directory: home.folder,
      env: { E2B_API_KEY: "from-its-variable" },
    });
    expect(guard.sandbox).toBeUndefined();
    await guard.close();
    expect(keys).toEqual([]);
  });
});
