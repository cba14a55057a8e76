import {
  chain,
  createSecretStore,
  envStore,
  memoryStore,
  SecretError,
  type SecretReader,
} from "@symbiont/secrets";
import { describe, expect, test } from "vitest";

const on = { on: "not-found" } as const;

describe("chain", () => {
  test("reads from the first store that has the name", async () => {
    const first = memoryStore();
    const second = envStore({ variables: { a: "A", b: "B" }, env: { A: "second a", B: "second b" } });
    await first.set("a", "first a");
    const both: SecretReader = chain([first, second], on);
    expect((await both.get("a")).expose()).toBe("first a");
    expect((await both.get("b")).expose()).toBe("second b");
    expect((await both.getAccepted("b")).map((secret) => secret.expose())).toEqual(["second b"]);
    expect([...(await both.getMany(["b", "a"])).keys()]).toEqual(["b", "a"]);
    expect(await both.list()).toEqual(["a", "b"]);
    expect((await both.metadata("b")).name).toBe("b");
    expect([await both.has("b"), await both.has("c")]).toEqual([true, false]);
    await expect(both.get("c")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND", secret: "c" });
    await expect(both.getMany(["a", "c"])).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
  });

  test.each(["SECRET_UNAVAILABLE", "SECRET_TAMPERED", "SECRET_ACCESS_DENIED", "SECRET_DELETED"] as const)(
    "stops at %s: a weaker store never answers for a stronger one",
    async (code) => {
      const fail = (): Promise<never> => Promise.reject(new SecretError(code, "not now"));
      const broken = createSecretStore({ kind: "broken", read: fail, list: fail });
      const behind = envStore({ variables: { a: "A" }, env: { A: "weaker" } });
      const both = chain([broken, behind], on);
      for (const work of [
        both.get("a"),
        both.getAccepted("a"),
        both.getMany(["a"]),
        both.has("a"),
        both.list(),
      ])
        await expect(work).rejects.toMatchObject({ code });
      await expect(both.metadata("a")).rejects.toMatchObject({ code });
    },
  );

  test("stops at an expired secret", async () => {
    const first = memoryStore({ now: () => 2_000 });
    await first.set("a", "old", { expiresAt: 1_000 });
    const both = chain([first, envStore({ variables: { a: "A" }, env: { A: "weaker" } })], on);
    await expect(both.get("a")).rejects.toMatchObject({ code: "SECRET_EXPIRED" });
  });

  test("scopes every store", async () => {
    const store = memoryStore();
    await store.set("agents/a/key", "x");
    const scoped = chain([memoryStore(), store], on).scope("agents/a");
    expect((await scoped.get("key")).expose()).toBe("x");
    await expect(scoped.get("../b/key")).rejects.toMatchObject({ code: "SECRET_NAME_INVALID" });
  });

  test("is never implicit", () => {
    expect(() => chain([], on)).toThrow(TypeError);
    expect(() => chain([memoryStore()], undefined as never)).toThrow(TypeError);
    expect(() => chain([memoryStore()], { on: "error" } as never)).toThrow(TypeError);
  });
});
