import { inspect } from "node:util";
import { ApiKeys, MemoryStore, tokenFromHeaders, tokenFromProtocols } from "@symbiont/api-keys";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AuditList } from "./audit-list.ts";

const CANARY = "cAnArY7sEcReT9";

/** Everything that a log, a crash report or an API answer could be made from. */
function visible(value: unknown): string {
  const parts: string[] = [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(value) ?? "",
  ];
  for (let error = value; error instanceof Error; error = error.cause)
    parts.push(error.message, String(error.stack));
  return parts.join("\n");
}

/** A canary in any part of anything one may present. */
const presented = fc.oneof(
  fc.tuple(fc.string(), fc.string()).map(([before, after]) => before + CANARY + after),
  fc.string().map((id) => `${id}.${CANARY}`),
  fc.string().map((secret) => `${CANARY}.${secret}`),
  fc.constantFrom(
    `known.${CANARY}`,
    CANARY,
    `ak_0123456789AB.${CANARY.padEnd(49, "x")}`,
    `fast.${CANARY}`,
    `unsupported.${CANARY}`,
    `revoked.${CANARY}`,
    "x".repeat(600) + CANARY,
  ),
);

test("what is presented appears in no error and no audit record", async () => {
  const store = new MemoryStore();
  const base = { agentScope: ["a"], scopes: [], description: "", revoked: false, version: 1 };
  const slow = `$argon2id$v=19$m=8,t=1,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;
  await store.put({ ...base, keyId: "known", keyHash: slow }, { ifVersion: 0 });
  await store.put({ ...base, keyId: "revoked", keyHash: slow, revoked: true }, { ifVersion: 0 });
  await store.put({ ...base, keyId: "unsupported", keyHash: "x" }, { ifVersion: 0 });
  await store.put(
    { ...base, keyId: "fast", keyHash: `$hmac-sha256$k=p$${"A".repeat(43)}` },
    { ifVersion: 0 },
  );
  const legacy = { scan: true, until: Date.now() + 1e9 } as const;

  await fc.assert(
    fc.asyncProperty(presented, fc.boolean(), async (token, scan) => {
      const audit = new AuditList();
      const keys = new ApiKeys({ store, audit, auditSuccess: true, lastUsedMs: 0, ...(scan && { legacy }) });
      const error: unknown = await keys
        .verify(token, { client: "192.0.2.1" })
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(audit.records).toHaveLength(1);
      expect(visible([error, audit.records, keys])).not.toContain(CANARY);
      const redeemed: unknown = await keys
        .connectionTickets()
        .redeem(token, { origin: `https://${CANARY}.example` })
        .catch((reason: unknown) => reason);
      expect(redeemed).toBeInstanceOf(Error);
      expect(visible([redeemed, audit.records])).not.toContain(CANARY);
      for (const read of [
        () => tokenFromHeaders(["authorization", `Bearer ${token}`]),
        () => tokenFromHeaders(["x-api-key", `${token} `]),
        () => tokenFromProtocols(["sec-websocket-protocol", `bearer.${token} , ,`]),
      ]) {
        let caught: unknown;
        try {
          read();
        } catch (reason) {
          caught = reason;
        }
        expect(visible(caught)).not.toContain(CANARY);
      }
    }),
    { numRuns: 300 },
  );
});

test("a secret that is imported appears in no error, audit record, listing or stored record", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), async (keyId, rest) => {
      const store = new MemoryStore();
      const audit = new AuditList();
      const keys = new ApiKeys({ store, audit });
      const result: unknown = await keys
        .importKey({ keyId, secret: CANARY + rest, agents: ["a"] })
        .catch((reason: unknown) => reason);
      const listed = await keys.list();
      expect(visible([result, audit.records, listed, store.get(keyId), keys])).not.toContain(CANARY);
    }),
    { numRuns: 40 },
  );
});
