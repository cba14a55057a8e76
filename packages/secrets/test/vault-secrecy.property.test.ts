import { vaultKvKey } from "@symbiont/secrets/key-providers/vault-kv";
import { vaultTransitKey } from "@symbiont/secrets/key-providers/vault-transit";
import {
  appRoleLogin,
  jwtLogin,
  tokenLogin,
  VaultClient,
  type VaultLogin,
  vaultStore,
} from "@symbiont/secrets/vault";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AuditList } from "./audit-list.ts";
import { type FakeReply, type FakeRequest, FakeVault } from "./servers/fake-vault.ts";
import { visible } from "./visible.ts";

const CANARY = "cAnArY7sEcReT9";

let server: FakeVault;
beforeAll(async () => {
  server = await FakeVault.start();
});
afterAll(() => server.close());

/** Says back everything it was told. */
const echo =
  (status: number) =>
  ({ headers, body }: FakeRequest): FakeReply => ({
    status,
    json: { errors: [JSON.stringify({ headers, body }), CANARY], data: { value: CANARY, data: CANARY } },
  });

const fault = fc.oneof(
  fc.constantFrom(200, 204, 400, 401, 403, 404, 405, 412, 418, 472, 500, 501).map((status) => echo(status)),
  fc.constantFrom<FakeReply>("reset", "cut", "reset-after"),
  fc.string().map((text): FakeReply => ({ status: 200, text: `${CANARY}${text}` })),
  fc.jsonValue().map((json): FakeReply => ({ status: 200, json: { data: json, auth: CANARY } })),
  fc.constant<FakeReply>({ status: 302, text: CANARY, headers: { location: `https://x.example/${CANARY}` } }),
);

const logins: Readonly<Record<string, () => VaultLogin>> = {
  token: () => tokenLogin(() => `hvs.${CANARY}`),
  brokenToken: () => tokenLogin(() => `hvs.${CANARY}\nx`),
  appRole: () => appRoleLogin({ roleId: () => "role-1", secretId: () => CANARY }),
  wrapped: () =>
    appRoleLogin({ roleId: () => "role-1", wrappedSecretId: { token: () => CANARY, roleName: "agents" } }),
  jwt: () => jwtLogin({ jwt: () => CANARY }),
};

const calls = ["get", "set", "rotate", "list", "delete", "kvKey", "wrap", "unwrap"] as const;

test("neither token, credential nor value appears in an error, an audit record or an inspected object", async () => {
  const wrapped = {
    reference: { provider: "vault-transit", mount: "transit", key: "agents" },
    ciphertext: `vault:v1:${CANARY}`,
  };
  const request = { storeId: "00112233445566778899aabbccddeeff" };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(logins)),
      fc.array(fc.tuple(fc.constantFrom("GET", "POST", "PATCH", "DELETE"), fault), { maxLength: 4 }),
      fc.array(fc.constantFrom(...calls), { minLength: 1, maxLength: 3 }),
      async (login, faults, methods) => {
        server.tokens.issue(`hvs.${CANARY}`, 0);
        server.tokens.secretIds = [CANARY];
        server.tokens.jwts = [CANARY];
        server.tokens.wrapped.set(CANARY, {
          secretId: CANARY,
          creationPath: "auth/approle/role/agents/secret-id",
        });
        server.kv.entries.clear();
        server.kv.put("a", { value: CANARY });
        for (const [method, reply] of faults) server.next(method, reply);

        const audit = new AuditList();
        const login_ = logins[login]?.() as VaultLogin;
        await using client = new VaultClient({ address: server.address, login: login_, deadlineMs: 2_000 });
        const store = vaultStore(client, { audit, cache: { ttlMs: 1_000 } });
        const work: Readonly<Record<(typeof calls)[number], () => Promise<unknown>>> = {
          get: () => store.get("a"),
          set: () => store.set("a", CANARY, { rotateAfter: 1 }),
          rotate: () => store.rotate("a", () => CANARY, { graceMs: 1_000 }),
          list: () => store.list(),
          delete: () => store.delete("a"),
          // The key itself is the caller's; only what goes wrong is looked at.
          kvKey: () =>
            vaultKvKey(client, { path: "a" })
              .load(request)
              .then(() => undefined),
          wrap: () => vaultTransitKey(client, { key: "agents" }).wrap(Buffer.from(CANARY), request),
          unwrap: () =>
            vaultTransitKey(client, { key: "agents" })
              .unwrap(wrapped, request)
              .then(() => undefined),
        };
        for (const method of methods) {
          const result: unknown = await work[method]().catch((error: unknown) => error);
          expect(visible([result, audit.records, client, store, login_])).not.toContain(CANARY);
        }
        for (const [method] of faults) server.drop(method);
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);

test("an answer of any shape is a value or a typed error", async () => {
  server.tokens.issue("plain", 0);
  await using client = new VaultClient({ address: server.address, login: tokenLogin(() => "plain") });
  const store = vaultStore(client);
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(200, 404), async (json, status) => {
      for (const [call, wrap] of [
        ["get", (data: unknown) => ({ data: { data, metadata: { version: 1 } } })],
        ["get", (metadata: unknown) => ({ data: { data: { value: "v" }, metadata } })],
        ["get", (data: unknown) => ({ data, errors: data })],
        ["set", (data: unknown) => ({ data })],
        ["list", (keys: unknown) => ({ data: { keys } })],
      ] as const) {
        server.next("GET secret", { status, json: wrap(json) });
        const work = { get: () => store.get("a"), set: () => store.set("a", "x"), list: () => store.list() }[
          call
        ];
        await (work() as Promise<unknown>).catch((error: unknown) => {
          expect(error).toMatchObject({ name: "SecretError" });
        });
        server.drop("GET secret");
      }
    }),
    { numRuns: 100 },
  );
}, 120_000);
