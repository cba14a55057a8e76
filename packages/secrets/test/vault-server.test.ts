import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { SecretStore } from "@symbiont/secrets";
import {
  appRoleLogin,
  jwtLogin,
  kubernetesLogin,
  tokenLogin,
  VaultClient,
  type VaultFetch,
  type VaultLogin,
  type VaultOptions,
  type VaultRequest,
  vaultBackend,
  vaultStore,
} from "@symbiont/secrets/vault";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { noVault, ROOT_TOKEN, VaultServer } from "./servers/vault-server.ts";

const SELF: VaultRequest = { method: "GET", path: ["auth", "token", "lookup-self"], repeat: "always" };
const POLICY = `
path "secret/data/agents/a/*" { capabilities = ["create", "read", "update", "patch"] }
path "secret/metadata/agents/a/*" { capabilities = ["create", "read", "update", "patch", "list", "delete"] }
`;

function jwt(key: KeyObject, claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const body = `${part({ alg: "ES256", typ: "JWT" })}.${part({ iat: now, exp: now + 300, ...claims })}`;
  return `${body}.${sign("sha256", Buffer.from(body), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

/** The one call of a Kubernetes cluster that Vault makes. */
async function tokenReview(
  knows: (token: string) => boolean,
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const user = { username: "system:serviceaccount:default:agent", uid: "uid-1", groups: [] };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { spec } = (await json(request)) as { spec: { token: string } };
    const status = knows(spec.token) ? { authenticated: true, user } : { authenticated: false };
    response.writeHead(201, { "content-type": "application/json" });
    response.end(JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", status }));
  };
  const cluster = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(cluster, "listening");
  return {
    address: `http://127.0.0.1:${(cluster.address() as AddressInfo).port}`,
    close: async () => {
      cluster.closeAllConnections();
      cluster.close();
      await once(cluster, "close");
    },
  };
}

describe.skipIf(noVault !== "")(`a real server that goes away${noVault}`, () => {
  test("is sealed, then gone; what is remembered serves for as long as was allowed", async () => {
    const server = await VaultServer.start();
    const clock = { now: Date.now() };
    const login = tokenLogin(() => ROOT_TOKEN);
    await using client = new VaultClient({ address: server.address, login });
    const plain = vaultStore(client);
    const cached = vaultStore(client, { now: () => clock.now, cache: { ttlMs: 1_000, maxStaleMs: 60_000 } });
    await plain.set("a", "1");
    await cached.get("a");
    await server.admin("PUT", "sys/seal");
    await expect(plain.get("a")).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      message: "Vault is sealed",
    });
    await expect(plain.set("a", "2")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    clock.now += 1_000;
    expect((await cached.get("a")).expose()).toBe("1");
    await server.close();
    await expect(plain.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    expect((await cached.get("a")).expose()).toBe("1");
    clock.now += 60_000;
    await expect(cached.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  }, 90_000);
});

describe.skipIf(noVault !== "")(`a real server${noVault}`, () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  let server: VaultServer;
  let roleId: string;
  let clients: VaultClient[] = [];

  beforeAll(async () => {
    server = await VaultServer.start();
    await server.admin("POST", "sys/policies/acl/agent-a", { policy: POLICY });
    await server.admin("POST", "sys/auth/approle", { type: "approle" });
    await server.admin("POST", "sys/auth/jwt", { type: "jwt" });
    await server.admin("POST", "sys/mounts/kv1", { type: "kv", options: { version: "1" } });
    const token = { token_policies: ["agent-a"], token_ttl: "1h", token_max_ttl: "24h" };
    await server.admin("POST", "auth/approle/role/agent-a", token);
    await server.admin("POST", "auth/approle/role/short", { ...token, token_ttl: "2s", token_max_ttl: "3s" });
    roleId = await roleIdOf("agent-a");
    await server.admin("POST", "auth/jwt/config", {
      jwt_validation_pubkeys: [publicKey.export({ type: "spki", format: "pem" })],
      jwt_supported_algs: ["ES256"],
    });
    await server.admin("POST", "auth/jwt/role/ci", {
      ...token,
      role_type: "jwt",
      user_claim: "sub",
      bound_audiences: ["vault"],
    });
  }, 90_000);
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(() => server.close());

  const roleIdOf = async (role: string): Promise<string> =>
    (await server.admin("GET", `auth/approle/role/${role}/role-id`)).data.role_id;
  const secretIdOf = async (role: string): Promise<string> =>
    (await server.admin("POST", `auth/approle/role/${role}/secret-id`, {})).data.secret_id;

  function open(login: VaultLogin, options: Partial<VaultOptions> = {}): VaultClient {
    const patient = { deadlineMs: 60_000, requestTimeoutMs: 30_000 };
    const client = new VaultClient({ address: server.address, login, ...patient, ...options });
    clients.push(client);
    return client;
  }

  const root = (): VaultClient => open(tokenLogin(() => ROOT_TOKEN));
  const agent = async (options: Partial<VaultOptions> = {}): Promise<VaultClient> => {
    const secretId = await secretIdOf("agent-a");
    return open(appRoleLogin({ roleId: () => roleId, secretId: () => secretId }), options);
  };
  const accessor = async (client: VaultClient): Promise<string> => {
    const { data } = (await client.request(SELF)).body as { data: { accessor: string } };
    return data.accessor;
  };

  test("lets an AppRole in, to its own secrets only", async () => {
    const client = await agent();
    const store = vaultStore(client, { prefix: "agents/a/secrets" });
    await store.set("key", "1", { rotateAfter: Date.now() });
    await store.rotate("key", () => "2", { graceMs: 60_000 });
    expect((await store.getAccepted("key")).map((secret) => secret.expose())).toEqual(["2", "1"]);
    expect(await store.list()).toEqual(["key"]);
    expect(await store.delete("key")).toBe(true);
    const foreign = vaultStore(client, { prefix: "agents/b/secrets" });
    for (const call of [
      () => foreign.get("key"),
      () => foreign.has("key"),
      () => foreign.set("key", "x"),
      () => foreign.list(),
    ])
      await expect(call()).rejects.toMatchObject({ code: "SECRET_ACCESS_DENIED" });
  });

  test("refuses a wrong secret id", async () => {
    const login = appRoleLogin({ roleId: () => roleId, secretId: () => randomUUID() });
    await expect(open(login).request(SELF)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
  });

  test("wraps a secret id for one use, and for one role", async () => {
    const wrap = async (path: string): Promise<string> =>
      (await server.admin("POST", path, {}, { "x-vault-wrap-ttl": "60s" })).wrap_info.token;
    const token = await wrap("auth/approle/role/agent-a/secret-id");
    const login = (wrapped: string): VaultLogin =>
      appRoleLogin({ roleId: () => roleId, wrappedSecretId: { token: () => wrapped, roleName: "agent-a" } });
    await expect(open(login(token)).request(SELF)).resolves.toMatchObject({ status: 200 });
    await expect(open(login(token)).request(SELF)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    const other = await wrap("auth/approle/role/short/secret-id");
    await expect(open(login(other)).request(SELF)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
  });

  test("lets a JWT of the configured issuer in, and no other", async () => {
    const good = jwt(privateKey, { sub: "job-1", aud: "vault" });
    await expect(open(jwtLogin({ role: "ci", jwt: () => good })).request(SELF)).resolves.toMatchObject({
      status: 200,
    });
    const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    for (const bad of [
      jwt(stranger, { sub: "job-1", aud: "vault" }),
      jwt(privateKey, { sub: "job-1", aud: "other" }),
      jwt(privateKey, { sub: "job-1", aud: "vault", exp: 1, iat: 0 }),
    ])
      await expect(open(jwtLogin({ role: "ci", jwt: () => bad })).request(SELF)).rejects.toMatchObject({
        code: "SECRET_LOGIN_FAILED",
      });
  });

  test("lets a Kubernetes service account in that the cluster vouches for", async () => {
    const claims = {
      sub: "system:serviceaccount:default:agent",
      "kubernetes.io": { namespace: "default", serviceaccount: { name: "agent", uid: "uid-1" } },
    };
    const known = jwt(privateKey, claims);
    const cluster = await tokenReview((token) => token === known);
    await server.admin("POST", "sys/auth/kubernetes", { type: "kubernetes" });
    await server.admin("POST", "auth/kubernetes/config", {
      kubernetes_host: cluster.address,
      token_reviewer_jwt: known,
      disable_local_ca_jwt: true,
    });
    await server.admin("POST", "auth/kubernetes/role/agent", {
      bound_service_account_names: ["agent"],
      bound_service_account_namespaces: ["default"],
      token_policies: ["agent-a"],
    });
    const login = (token: string): VaultLogin => kubernetesLogin({ role: "agent", jwt: () => token });
    await expect(open(login(known)).request(SELF)).resolves.toMatchObject({ status: 200 });
    const forged = jwt(privateKey, { ...claims, sub: "system:serviceaccount:default:other" });
    await expect(open(login(forged)).request(SELF)).rejects.toMatchObject({ code: "SECRET_LOGIN_FAILED" });
    await cluster.close();
  });

  test("sees a revoked token replaced, and a denial taken for what it is", async () => {
    const client = await agent();
    const first = await accessor(client);
    await server.admin("POST", "auth/token/revoke-accessor", { accessor: first });
    const second = await accessor(client);
    expect(second).not.toBe(first);
    await expect(client.request({ ...SELF, path: ["sys", "mounts"] })).rejects.toMatchObject({
      code: "SECRET_ACCESS_DENIED",
    });
    expect(await accessor(client)).toBe(second);
  });

  test("sees a short token renewed, and replaced at its maximum", async () => {
    const shortId = await roleIdOf("short");
    const secretId = await secretIdOf("short");
    let logins = 0;
    let renewals = 0;
    const counting: VaultFetch = async (url, options) => {
      const response = await fetch(url, options);
      if (url.endsWith("/approle/login")) logins += 1;
      if (url.endsWith("/renew-self") && response.ok) renewals += 1;
      return response;
    };
    const login = appRoleLogin({ roleId: () => shortId, secretId: () => secretId });
    const client = open(login, { fetch: counting });
    // Longer than the maximum of one token: every call in between succeeds.
    await vi.waitUntil(
      async () => {
        await client.request(SELF);
        return logins >= 2;
      },
      { timeout: 60_000, interval: 100 },
    );
    expect(renewals).toBeGreaterThan(0);
  }, 90_000);

  test("has the token revoked when the client is closed, if asked for", async () => {
    const client = await agent({ revokeOnClose: true });
    const first = await accessor(client);
    await client.close();
    await expect(server.admin("POST", "auth/token/lookup-accessor", { accessor: first })).rejects.toThrow(
      /invalid accessor/,
    );
  });

  describe("and its KV engine", () => {
    const store = (options: object = {}): SecretStore =>
      vaultStore(root(), { prefix: `kv/${randomUUID()}`, ...options });

    test("tell a soft-deleted, a destroyed and an unknown version apart", async () => {
      const prefix = `kv/${randomUUID()}`;
      const mine = store({ prefix });
      await mine.set("a", "1");
      await mine.rotate("a", () => "2", { graceMs: 60_000 });
      await server.admin("PUT", `secret/destroy/${prefix}/a`, { versions: [1] });
      expect((await mine.getAccepted("a")).map((secret) => secret.expose())).toEqual(["2"]);
      await server.admin("DELETE", `secret/data/${prefix}/a`);
      await expect(mine.get("a")).rejects.toMatchObject({ code: "SECRET_DELETED" });
      await expect(mine.get("b")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
      expect((await mine.set("a", "3")).version).toBe(3);
      expect((await mine.get("a")).expose()).toBe("3");
    });

    test("accept only as many older versions as they keep", async () => {
      const prefix = `kv/${randomUUID()}`;
      const mine = store({ prefix });
      await mine.set("a", "1");
      await server.admin("POST", `secret/metadata/${prefix}/a`, { max_versions: 1 });
      await mine.rotate("a", () => "2", { graceMs: 60_000 });
      await mine.rotate("a", () => "3", { graceMs: 60_000 });
      expect((await mine.getAccepted("a")).map((secret) => secret.expose())).toEqual(["3"]);
    });

    test("merge a member of its own into an entry of others", async () => {
      const prefix = `kv/${randomUUID()}`;
      await server.admin("POST", `secret/data/${prefix}/db`, {
        data: { username: "bob", password: "old", port: 5432 },
      });
      const password = store({ prefix, field: "password" });
      await password.rotate("db", () => "new", { graceMs: 60_000, notes: { why: "drill" } });
      expect((await password.getAccepted("db")).map((secret) => secret.expose())).toEqual(["new", "old"]);
      const { data } = (await server.admin("GET", `secret/data/${prefix}/db`)).data;
      expect(data).toMatchObject({ username: "bob", password: "new", port: 5432 });
      await expect(store({ prefix, field: "port" }).get("db")).rejects.toMatchObject({
        code: "SECRET_VALUE_INVALID",
      });
      expect((await store({ prefix, field: "port", otherTypes: "json" }).get("db")).expose()).toBe("5432");
      const races = ["x", "y"].map((value) => password.set("db", value, { ifVersion: 2 }));
      const [won, lost] = (await Promise.allSettled(races)).map(({ status }) => status).sort();
      expect([won, lost]).toEqual(["fulfilled", "rejected"]);
      await expect(password.delete("db")).rejects.toMatchObject({ code: "SECRET_READ_ONLY" });
    });

    test("hold the longest notes that the store takes", async () => {
      const notes = { text: "x".repeat(4_000) };
      const mine = store();
      await mine.set("a", "1", { notes, expiresAt: Date.now() + 60_000 });
      await mine.rotate("a", () => "2", { notes, graceMs: 60_000 });
      expect((await mine.metadata("a")).notes).toEqual(notes);
    });

    test("lose no increment of writers that try again after a conflict", async () => {
      const prefix = `kv/${randomUUID()}`;
      await store({ prefix }).set("counter", "0");
      const increment = async (mine: SecretStore): Promise<void> => {
        for (;;) {
          try {
            await mine.rotate("counter", (current) => String(Number(current.expose()) + 1), {
              graceMs: 60_000,
            });
            return;
          } catch (error) {
            expect(error).toMatchObject({ code: "SECRET_CONFLICT" });
          }
        }
      };
      const writers = Array.from({ length: 4 }, () => store({ prefix }));
      await Promise.all(
        writers.map(async (mine) => {
          for (let round = 0; round < 5; round += 1) await increment(mine);
        }),
      );
      const values = (await store({ prefix }).getAccepted("counter")).map((secret) => secret.expose());
      // The current one and those that Vault keeps unless it is told otherwise.
      expect(values).toEqual(["20", "19", "18", "17", "16", "15", "14", "13", "12", "11"]);
    }, 60_000);

    test("work on a mount that insists on check-and-set", async () => {
      await server.admin("POST", "sys/mounts/strict", { type: "kv", options: { version: "2" } });
      await vi.waitUntil(() =>
        server.admin("POST", "strict/config", { cas_required: true }).then(
          () => true,
          () => false,
        ),
      );
      const mine = vaultStore(root(), { mount: "strict" });
      await mine.set("a", "1");
      await mine.set("a", "2");
      expect((await mine.get("a")).version).toBe(2);
    });

    test("of the first version are read and listed", async () => {
      await server.admin("POST", "kv1/team/a", { value: "old" });
      const old = vaultStore(root(), { mount: "kv1", engine: 1 });
      expect((await old.get("team/a")).expose()).toBe("old");
      expect(await old.list()).toEqual(["team/a"]);
      await expect(old.get("team/b")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
    });

    test("are not taken for one another, nor a missing mount for a missing secret", async () => {
      for (const options of [{ mount: "nowhere" }, { mount: "nowhere", engine: 1 as const }])
        await expect(vaultStore(root(), options).get("a")).rejects.toMatchObject({
          code: "SECRET_ANSWER_INVALID",
        });
      await expect(vaultStore(root(), { mount: "secret", engine: 1 }).get("a")).rejects.toMatchObject({
        code: "SECRET_ANSWER_INVALID",
      });
    });

    test("give back any name and any value, or refuse them by a code", async () => {
      const backend = vaultBackend(root(), { prefix: `kv/${randomUUID()}` });
      const segment = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
      const name = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join("/"));
      await fc.assert(
        fc.asyncProperty(name, fc.uint8Array({ maxLength: 40 }), async (path, value) => {
          try {
            await backend.write?.(path, { value, text: false }, {});
          } catch (error) {
            expect(error).toMatchObject({
              code: expect.stringMatching(/^SECRET_(NAME|ANSWER)_INVALID$/) as unknown,
            });
            return;
          }
          const stored = await backend.read(path, {});
          const read = await stored?.value(stored.metadata.version);
          expect(Buffer.from(read?.copy() ?? []).equals(value)).toBe(true);
          expect(await backend.list(path, {})).toContain(path);
        }),
        { numRuns: 60 },
      );
    }, 60_000);
  });
});
