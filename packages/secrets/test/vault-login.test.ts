import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeUtf8 } from "@symbiont/kit";
import { PlainValue, Secret, SecretError } from "@symbiont/secrets";
import {
  appRoleLogin,
  credentialFromFile,
  jwtLogin,
  kubernetesLogin,
  tokenLogin,
  VaultClient,
  type VaultLogin,
  type VaultOptions,
  type VaultRequest,
  vaultOptionsFromEnv,
} from "@symbiont/secrets/vault";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errors, FakeVault } from "./servers/fake-vault.ts";

const READ = { method: "GET", path: ["secret", "data", "a"], repeat: "always" } satisfies VaultRequest;
const READ_CALL = "GET secret/data/a";

let server: FakeVault;
let clients: VaultClient[];
let folder: string;

beforeEach(async () => {
  server = await FakeVault.start();
  server.kv.put("a", { value: "s3cr3t" });
  clients = [];
  folder = mkdtempSync(join(tmpdir(), "secrets-login-"));
});

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(login: VaultLogin, options: Partial<VaultOptions> = {}): VaultClient {
  const now = (): number => server.clock.now;
  const client = new VaultClient({ address: server.address, login, now, ...options });
  clients.push(client);
  return client;
}

const appRole = (): VaultLogin => appRoleLogin({ roleId: () => "role-1", secretId: () => "secret-id-1" });
const count = (call: string): number => server.calls.filter((other) => other === call).length;

/** Timers stand still until told otherwise; network and clock go on. */
function stopTimers(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
}

async function pass(ms: number): Promise<void> {
  server.clock.now += ms;
  await vi.advanceTimersByTimeAsync(ms);
}

async function seen(call: string, times = 1): Promise<void> {
  while (count(call) < times) await new Promise((resolve) => setImmediate(resolve));
  // The answer still has to arrive.
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("a login", () => {
  test("happens at the first call, once for all who wait for it", async () => {
    const client = open(appRole());
    expect(server.calls).toEqual([]);
    await Promise.all(Array.from({ length: 8 }, () => client.request(READ)));
    expect(count("POST auth/approle/login")).toBe(1);
    expect(count(READ_CALL)).toBe(8);
  });

  test("is not lost when the caller who began it gives up", async () => {
    const client = open(appRole());
    const stop = new AbortController();
    const first = client.request(READ, { signal: stop.signal });
    const second = client.request(READ);
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: "SECRET_ABORTED" });
    await expect(second).resolves.toMatchObject({ status: 200 });
    expect(count("POST auth/approle/login")).toBe(1);
  });

  test("with an AppRole takes handles as well as functions", async () => {
    const secretId = new Secret("secret id", 1, new PlainValue(encodeUtf8("secret-id-1")));
    await open(appRoleLogin({ roleId: async () => "role-1", secretId })).request(READ);
    expect(server.requests[0]?.body).toEqual({ role_id: "role-1", secret_id: "secret-id-1" });
    expect(server.requests[0]?.token).toBeUndefined();
  });

  test("with a Kubernetes service account follows the mount and reads it anew each time", async () => {
    const mount = (version: string, jwt: string): void => {
      mkdirSync(join(folder, version), { mode: 0o755 });
      writeFileSync(join(folder, version, "token"), jwt, { mode: 0o644 });
      symlinkSync(version, join(folder, "..data.new"));
      renameSync(join(folder, "..data.new"), join(folder, "..data"));
    };
    mount("v1", "jwt-1\n");
    symlinkSync("..data/token", join(folder, "token"));
    const jwt = credentialFromFile(join(folder, "token"), { access: "mounted" });
    const client = open(kubernetesLogin({ role: "agents", jwt }));
    await client.request(READ);
    server.tokens.revoke("hvs.token-1");
    server.tokens.jwts = ["jwt-2"];
    mount("v2", "jwt-2");
    await client.request(READ);
    const logins = server.requests.filter(({ path }) => path === "auth/kubernetes/login");
    expect(logins.map(({ body }) => body)).toEqual([
      { role: "agents", jwt: "jwt-1" },
      { role: "agents", jwt: "jwt-2" },
    ]);
  });

  test("with a JWT needs no role", async () => {
    await open(jwtLogin({ jwt: () => "jwt-1" })).request(READ);
    expect(server.requests[0]).toMatchObject({ path: "auth/jwt/login", body: { jwt: "jwt-1" } });
  });

  test("goes to the mount it is told", async () => {
    server.next("POST auth/ci/github/login", { status: 403, text: "" });
    const login = jwtLogin({ jwt: () => "jwt-1", role: "r", mount: "ci/github" });
    await expect(open(login).request(READ)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    expect(server.calls).toEqual(["POST auth/ci/github/login"]);
  });

  test("with a token asks what it is worth", async () => {
    server.tokens.issue("mine", 60);
    await open(tokenLogin(() => "mine")).request(READ);
    expect(server.calls).toEqual(["GET auth/token/lookup-self", READ_CALL]);
  });

  test("of one's own making is as good as ours", async () => {
    const login: VaultLogin = {
      method: "mine",
      login: async () => ({ token: server.tokens.issue("own"), leaseMs: 0, renewable: false }),
    };
    await expect(open(login).request(READ)).resolves.toMatchObject({ status: 200 });
  });

  test("whose own function fails is a failed login", async () => {
    const broken = (): never => {
      throw new RangeError("metadata service");
    };
    for (const login of [tokenLogin(broken), { method: "mine", login: async () => broken() }])
      await expect(open(login).request(READ)).rejects.toMatchObject({
        code: "SECRET_LOGIN_FAILED",
        cause: expect.any(RangeError) as unknown,
      });
  });

  test("gets over an outage", async () => {
    server.next("POST auth/approle/login", errors(503, "Vault is sealed"), 2);
    await expect(open(appRole()).request(READ)).resolves.toMatchObject({ status: 200 });
  });

  test.each([
    ["no token", { auth: { lease_duration: 1 } }],
    ["no lease", { auth: { client_token: "x" } }],
    ["a negative lease", { auth: { client_token: "x", lease_duration: -1 } }],
    ["nothing", {}],
  ])("that is answered with %s is refused", async (_, json) => {
    server.next("POST auth/approle/login", { status: 200, json });
    await expect(open(appRole()).request(READ)).rejects.toMatchObject({ code: "SECRET_ANSWER_INVALID" });
  });
});

describe("a credential", () => {
  test.each(["", "two words", "line\nbreak", "ü", "x".repeat(20_000)])(
    "such as %j never leaves",
    async (text) => {
      const error = await open(tokenLogin(() => text))
        .request(READ)
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "SECRET_LOGIN_FAILED" });
      expect(server.calls).toEqual([]);
    },
  );

  test("in a file that others may read is refused", async () => {
    const file = join(folder, "token");
    writeFileSync(file, "t");
    chmodSync(file, 0o644);
    await expect(open(tokenLogin(credentialFromFile(file))).request(READ)).rejects.toMatchObject({
      code: "SECRET_FILE_NOT_PRIVATE",
    });
  });

  test("in a mounted file that others may write is refused", async () => {
    const file = join(folder, "token");
    writeFileSync(file, "t");
    chmodSync(file, 0o666);
    const login = tokenLogin(credentialFromFile(file, { access: "mounted" }));
    await expect(open(login).request(READ)).rejects.toMatchObject({ code: "SECRET_FILE_NOT_PRIVATE" });
  });

  test("in a file that is not there fails the login", async () => {
    for (const access of ["owner", "mounted"] as const) {
      const login = tokenLogin(credentialFromFile(join(folder, "none"), { access }));
      await expect(open(login).request(READ)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    }
  });

  test("that Vault refuses rests for a while, then is tried again", async () => {
    server.tokens.secretIds = [];
    const client = open(appRole());
    const login = "POST auth/approle/login";
    for (let call = 0; call < 5; call += 1)
      await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    expect(count(login)).toBe(1);
    server.clock.now += 1_000;
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    expect(count(login)).toBe(2);
    server.clock.now += 1_000;
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    expect(count(login)).toBe(2);
    server.tokens.secretIds = ["secret-id-1"];
    server.clock.now += 1_000;
    await expect(client.request(READ)).resolves.toMatchObject({ status: 200 });
  });
});

describe("a wrapped secret id", () => {
  const creationPath = "auth/approle/role/agents/secret-id";
  const login = (roleName?: string): VaultLogin =>
    appRoleLogin({
      roleId: () => "role-1",
      wrappedSecretId: { token: () => "wrap-1", ...(roleName !== undefined && { roleName }) },
    });

  test("is unwrapped once and serves later logins", async () => {
    server.tokens.wrapped.set("wrap-1", { secretId: "secret-id-1", creationPath });
    const client = open(login("agents"));
    await client.request(READ);
    server.tokens.revoke("hvs.token-1");
    await client.request(READ);
    expect(count("POST sys/wrapping/unwrap")).toBe(1);
    expect(count("POST auth/approle/login")).toBe(2);
  });

  test("that somebody else has unwrapped is an alarm, not a retry", async () => {
    const error = await open(login())
      .request(READ)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "SECRET_LOGIN_FAILED", retryable: false });
    expect(String(error)).toContain("somebody else");
    expect(server.calls).toEqual(["POST sys/wrapping/unwrap"]);
  });

  test("is not unwrapped a second time when the answer to the first was lost", async () => {
    server.tokens.wrapped.set("wrap-1", { secretId: "secret-id-1", creationPath });
    server.next("POST sys/wrapping/unwrap", "reset-after");
    await expect(open(login()).request(READ)).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    expect(count("POST sys/wrapping/unwrap")).toBe(1);
  });

  test("of another role is refused before it is unwrapped", async () => {
    server.tokens.wrapped.set("wrap-1", { secretId: "x", creationPath: "cubbyhole/response" });
    await expect(open(login("agents")).request(READ)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    expect(server.calls).toEqual(["POST sys/wrapping/lookup"]);
  });

  test("that Vault no longer accepts gives way to a new one", async () => {
    const tokens = ["wrap-1", "wrap-2"];
    server.tokens.wrapped.set("wrap-1", { secretId: "secret-id-1", creationPath });
    server.tokens.wrapped.set("wrap-2", { secretId: "secret-id-2", creationPath });
    const client = open(
      appRoleLogin({
        roleId: () => "role-1",
        wrappedSecretId: { token: () => tokens.shift() ?? "none" },
      }),
    );
    await client.request(READ);
    server.tokens.revoke("hvs.token-1");
    server.tokens.secretIds = ["secret-id-2"];
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    server.clock.now += 1_000;
    await expect(client.request(READ)).resolves.toMatchObject({ status: 200 });
  });

  test("excludes a plain one", () => {
    const both = { roleId: () => "r", secretId: () => "s", wrappedSecretId: { token: () => "w" } };
    expect(() => appRoleLogin(both)).toThrow(TypeError);
  });
});

describe("a token", () => {
  test("is renewed in the background before it ends, time after time", async () => {
    stopTimers();
    const client = open(appRole());
    await client.request(READ);
    for (let round = 1; round <= 3; round += 1) {
      await pass(2_700_000);
      await seen("POST auth/token/renew-self", round);
    }
    await client.request(READ);
    expect(server.requests.at(-1)?.token).toBe("hvs.token-1");
    expect(count("POST auth/approle/login")).toBe(1);
  });

  test("is not renewed before three fifths of its life are over", async () => {
    stopTimers();
    await open(appRole()).request(READ);
    await pass(2_100_000);
    await seen(READ_CALL);
    expect(count("POST auth/token/renew-self")).toBe(0);
  });

  test("near its maximum gives way to a new one at the next call, and not before", async () => {
    stopTimers();
    server.tokens.maxSeconds = 4_000;
    const client = open(appRole());
    await client.request(READ);
    await pass(2_700_000);
    await seen("POST auth/token/renew-self");
    expect(count("POST auth/approle/login")).toBe(1);
    await client.request(READ);
    expect(count("POST auth/approle/login")).toBe(2);
    expect(server.requests.at(-1)?.token).toBe("hvs.token-2");
  });

  test("that cannot be renewed gives way to a new one", async () => {
    server.tokens.renewable = false;
    const client = open(appRole());
    await client.request(READ);
    server.clock.now += 2_700_000;
    await client.request(READ);
    expect(server.requests.at(-1)?.token).toBe("hvs.token-2");
    expect(count("POST auth/token/renew-self")).toBe(0);
  });

  test("whose renewal failed gives way to a new one", async () => {
    stopTimers();
    const client = open(appRole());
    await client.request(READ);
    server.next("POST auth/token/renew-self", errors(403, "permission denied"));
    await pass(2_700_000);
    await seen("POST auth/token/renew-self");
    await client.request(READ);
    expect(server.requests.at(-1)?.token).toBe("hvs.token-2");
  });

  test("that is not over yet serves while no login can be had", async () => {
    server.tokens.renewable = false;
    const client = open(appRole());
    await client.request(READ);
    server.clock.now += 2_700_000;
    server.next("POST auth/approle/login", errors(501, "not initialized"), 99);
    for (let call = 0; call < 3; call += 1) await client.request(READ);
    expect(server.requests.at(-1)?.token).toBe("hvs.token-1");
    // Not every call waits for a login that cannot be had.
    expect(count("POST auth/approle/login")).toBe(2);
    server.clock.now += 900_000;
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  test("that has run out while the process slept is not even tried", async () => {
    stopTimers();
    const client = open(appRole());
    await client.request(READ);
    server.clock.now += 3_600_000;
    await client.request(READ);
    expect(count("POST auth/approle/login")).toBe(2);
    expect(count("GET auth/token/lookup-self")).toBe(0);
  });

  test("without an end is neither renewed nor replaced", async () => {
    stopTimers();
    server.tokens.issue("root", 0);
    const client = open(tokenLogin(() => "root"));
    await client.request(READ);
    await pass(1e10);
    await client.request(READ);
    expect(server.calls).toEqual(["GET auth/token/lookup-self", READ_CALL, READ_CALL]);
  });

  test("that was replaced is zeroed", async () => {
    const dispose = vi.spyOn(Secret.prototype, "dispose");
    const client = open(appRole());
    await client.request(READ);
    server.tokens.revoke("hvs.token-1");
    await client.request(READ);
    await vi.waitFor(() => expect(dispose).toHaveBeenCalledTimes(1));
    await client.close();
    expect(dispose).toHaveBeenCalledTimes(2);
    for (const secret of dispose.mock.contexts as Secret[])
      expect(() => secret.expose()).toThrow(SecretError);
  });

  test("that lives longer than a timer can wait is renewed all the same", async () => {
    stopTimers();
    server.tokens.leaseSeconds = 100 * 86_400;
    server.tokens.maxSeconds = 1000 * 86_400;
    await open(appRole()).request(READ);
    await pass(30 * 86_400_000);
    await seen(READ_CALL);
    expect(count("POST auth/token/renew-self")).toBe(0);
    await pass(50 * 86_400_000);
    await seen("POST auth/token/renew-self");
  });
});

describe("a 403", () => {
  test("for a dead token leads to a new one, once for all", async () => {
    const client = open(appRole());
    await client.request(READ);
    server.tokens.revoke("hvs.token-1");
    await Promise.all(Array.from({ length: 5 }, () => client.request(READ)));
    expect(count("POST auth/approle/login")).toBe(2);
  });

  test("by policy is told as such, and costs no login", async () => {
    server.tokens.denied = ["secret/data/a"];
    const client = open(appRole());
    await expect(client.request(READ)).rejects.toMatchObject({
      code: "SECRET_ACCESS_DENIED",
      retryable: false,
    });
    expect(server.calls).toEqual(["POST auth/approle/login", READ_CALL, "GET auth/token/lookup-self"]);
  });

  test("for a token that may not look itself up costs one login, not one per call", async () => {
    server.tokens.denied = ["secret/data/a"];
    server.tokens.selfLookup = false;
    const client = open(appRole());
    for (let call = 0; call < 5; call += 1)
      await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_ACCESS_DENIED" });
    expect(count("POST auth/approle/login")).toBe(2);
    expect(count(READ_CALL)).toBe(6);
  });

  test("for a given token that is dead fails the login", async () => {
    server.tokens.issue("mine", 0);
    const client = open(tokenLogin(() => "mine"));
    await client.request(READ);
    server.tokens.revoke("mine");
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
  });
});

describe("closing", () => {
  test("stops the renewal", async () => {
    stopTimers();
    const client = open(appRole());
    await client.request(READ);
    await client.close();
    await pass(3_600_000);
    expect(count("POST auth/token/renew-self")).toBe(0);
  });

  test("revokes the token when asked to", async () => {
    const client = open(appRole(), { revokeOnClose: true });
    await client.request(READ);
    await client.close();
    expect(server.requests.at(-1)).toMatchObject({ path: "auth/token/revoke-self", token: "hvs.token-1" });
    await client.close();
    expect(count("POST auth/token/revoke-self")).toBe(1);
  });

  test("revokes the token of a login that is under way, too", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const client = open(appRole(), {
      revokeOnClose: true,
      fetch: async (url, options) => {
        const response = await fetch(url, options);
        if (url.endsWith("/login")) await held;
        return response;
      },
    });
    const reading = client.request(READ).catch((error: unknown) => error);
    await vi.waitFor(() => expect(server.calls.some((call) => call.endsWith("/login"))).toBe(true));
    const closing = client.close();
    release();
    await closing;
    expect(server.requests.at(-1)).toMatchObject({ path: "auth/token/revoke-self", token: "hvs.token-1" });
    expect(await reading).toMatchObject({ code: "SECRET_CLOSED" });
  });

  test("tells when the token could not be revoked", async () => {
    const client = open(appRole(), { revokeOnClose: true });
    await client.request(READ);
    server.next("POST auth/token/revoke-self", errors(500, "no"), 9);
    await expect(client.close()).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    await expect(client.request(READ)).rejects.toMatchObject({ code: "SECRET_CLOSED" });
  });

  test("before the first call does nothing, and works with await using", async () => {
    {
      await using client = open(appRole(), { revokeOnClose: true });
      expect(client.closed.aborted).toBe(false);
    }
    expect(server.calls).toEqual([]);
  });
});

describe("options from the environment", () => {
  test("prefer OpenBao's names, and send no token to the other server", async () => {
    server.tokens.issue("bao", 0);
    const env = {
      BAO_ADDR: server.address,
      VAULT_ADDR: "https://other",
      BAO_TOKEN: "bao",
      VAULT_TOKEN: "other",
      VAULT_NAMESPACE: "n",
    };
    const { address, namespace, login, ignored } = vaultOptionsFromEnv(env);
    expect({ address, namespace, ignored }).toEqual({ address: server.address, ignored: [] });
    expect(vaultOptionsFromEnv({ ...env, BAO_TOKEN: "" })).not.toHaveProperty("login");
    expect(vaultOptionsFromEnv({ ...env, BAO_ADDR: "" })).toMatchObject({
      address: "https://other",
      namespace: "n",
    });
    await open(login as VaultLogin).request(READ);
    expect(server.requests.at(-1)?.token).toBe("bao");
  });

  test("name what is not honoured, whatever its value", () => {
    const env = {
      VAULT_ADDR: "https://v",
      VAULT_SKIP_VERIFY: "false",
      BAO_SKIP_VERIFY: "1",
      VAULT_CACERT: "/ca",
    };
    const options = vaultOptionsFromEnv(env);
    expect(options).toEqual({
      address: "https://v",
      ignored: ["BAO_SKIP_VERIFY", "VAULT_SKIP_VERIFY", "VAULT_CACERT"],
    });
  });

  test("read a token file when there is no token", async () => {
    server.tokens.issue("filed", 0);
    const file = join(folder, "token");
    writeFileSync(file, "filed\n", { mode: 0o600 });
    const { login } = vaultOptionsFromEnv({ BAO_ADDR: server.address, BAO_TOKEN_PATH: file });
    await open(login as VaultLogin).request(READ);
    expect(server.requests.at(-1)?.token).toBe("filed");
  });

  test("need an address", () => {
    expect(() => vaultOptionsFromEnv({})).toThrow(TypeError);
  });
});
