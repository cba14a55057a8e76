import { writeFileSync } from "node:fs";
import { ApiKeys, MemoryStore } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { describe, expect, test } from "vitest";
import { fastKeys, refused } from "./setup.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const token = "kJ8#mQ2$vX5!nR7.wZ4pL9-tY6&hB3sD";
const staticToken = { token, keyId: "static", agents: ["a"], scopes: ["read"] } as const;

test("is known by its id, with no more rights than were stated", async () => {
  const { keys, reason } = fastKeys({ staticToken });
  expect(await keys.verify(token)).toMatchObject({ keyId: "static", agentScope: ["a"], scopes: ["read"] });
  await expect(keys.verify(token, { admin: true })).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
  await expect(keys.verify(token, { agent: "b" })).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
  for (const wrong of [`${token}x`, token.slice(1), token.toLowerCase(), `${token} `, `static.${token}`]) {
    await expect(keys.verify(wrong)).rejects.toMatchObject(refused);
    expect(["unknown_key", "unkeyed"]).toContain(reason());
  }
  const { verified } = fastKeys({ staticToken: { token, keyId: "root", admin: true } });
  await verified();
  const admin = new ApiKeys({ store: new MemoryStore(), staticToken: { token, keyId: "root", admin: true } });
  expect((await admin.verify(token, { admin: true })).agentScope).toBeNull();
});

test("is ended by a revoked record of its id, for connections too", async () => {
  const { keys, reason } = fastKeys({ staticToken });
  const key = await keys.verify(token);
  await keys.recheck(key);
  const { ticket } = await keys.connectionTickets().issue(key, { origin: null });
  expect(ticket).toHaveLength(43);
  await keys.importKey({ keyId: "static", secret: "kJ8#mQ2$vX5!nR7.wZ4pL9", agents: ["b"] });
  expect((await keys.verify(token)).agentScope).toEqual(["b"]);
  await keys.revoke("static", "leaked");
  await expect(keys.verify(token)).rejects.toMatchObject(refused);
  expect(reason()).toBe("revoked");
  await expect(keys.recheck(key)).rejects.toMatchObject(refused);
});

test.each([
  ["short", { token: "kJ8#mQ2$vX5!nR7.wZ4pL9-tY6&hB3s" }],
  ["repetitive", { token: "ab".repeat(20) }],
  ["of words", { token: "password123-changeme-admin-secret-token" }],
  ["with a space", { token: `${token} x` }],
  ["with a comma", { token: `${token},x` }],
  ["endless", { token: token.repeat(20) }],
  ["without an id", { keyId: "" }],
  ["for nobody", { agents: [] }],
])("one %s is refused when the keys are made, without being shown", (_, broken) => {
  let caught: unknown;
  try {
    fastKeys({ staticToken: { ...staticToken, ...broken } });
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(Error);
  expect(String(caught)).not.toContain("kJ8");
});

describe("is no way around a store that cannot be trusted", () => {
  test.each([
    ["half written", '[{"key_id": "x"', 0o600],
    ["readable by all", "[]", 0o644],
  ])("a key file that is %s", async (name, text, mode) => {
    const path = folder(`${name}.json`);
    writeFileSync(path, text, { mode });
    const legacy = { scan: true, until: Date.now() + 1e9 } as const;
    const keys = new ApiKeys({ store: new FileStore(path), staticToken, legacy });
    for (const presented of [token, "sk-legacy-no-dot-123456", "sk_abc123.x"]) {
      await expect(keys.verify(presented)).rejects.toMatchObject({
        code: expect.stringMatching(/^API_KEY_STORE_(CORRUPT|UNAVAILABLE)$/),
      });
    }
  });

  test("a store that is down", async () => {
    const store = Object.assign(new MemoryStore(), { get: () => Promise.reject(new Error("down")) });
    await expect(fastKeys({ store, staticToken }).keys.verify(token)).rejects.toMatchObject({
      code: "API_KEY_REFUSED",
    });
  });
});
