import { envStore } from "@symbiont/secrets";
import { describe, expect, test } from "vitest";

describe("env store", () => {
  const env = { LLM_KEY: "value", EMPTY: "", OTHER: "not listed" };
  const store = envStore({ variables: { "llm/key": "LLM_KEY", empty: "EMPTY", unset: "UNSET" }, env });

  test("reads the variables it was told of", async () => {
    expect((await store.get("llm/key")).expose()).toBe("value");
    expect(await store.list()).toEqual(["empty", "llm/key"]);
  });

  test("knows no others", async () => {
    for (const name of ["OTHER", "LLM_KEY", "PATH", "__proto__", "toString", "unset"])
      await expect(store.get(name)).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
  });

  test("does not take what a prototype holds for a variable", async () => {
    const inherited = envStore({ variables: { a: "toString" }, env });
    await expect(inherited.get("a")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
  });

  test("refuses an empty variable: it is no secret and not a missing one", async () => {
    await expect(store.get("empty")).rejects.toMatchObject({ code: "SECRET_VALUE_INVALID" });
  });

  test("cannot be written", async () => {
    await expect(store.set("llm/key", "x")).rejects.toMatchObject({ code: "SECRET_READ_ONLY" });
    await expect(store.delete("llm/key")).rejects.toMatchObject({ code: "SECRET_READ_ONLY" });
    await expect(store.rotate("llm/key", () => "x", { graceMs: 0 })).rejects.toMatchObject({
      code: "SECRET_READ_ONLY",
    });
  });

  test("looks at the process's environment when it is told of no other", async () => {
    process.env["SECRETS_TEST_VARIABLE"] = "from the process";
    try {
      const own = envStore({ variables: { a: "SECRETS_TEST_VARIABLE" } });
      expect((await own.get("a")).expose()).toBe("from the process");
    } finally {
      delete process.env["SECRETS_TEST_VARIABLE"];
    }
  });

  test("refuses a wrong table at once", () => {
    expect(() => envStore({ variables: { a: "" } })).toThrow(TypeError);
    expect(() => envStore({ variables: { a: "A=B" } })).toThrow(TypeError);
    expect(() => envStore({ variables: { "../a": "A" } })).toThrow(
      expect.objectContaining({ code: "SECRET_NAME_INVALID" }) as Error,
    );
  });
});
