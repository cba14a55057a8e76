import { memoryStore, type SecretMetadata } from "@symbiont/secrets";
import { describe, expect, test } from "vitest";

describe("names", () => {
  const store = memoryStore();

  test.each([
    ["nothing", ""],
    ["a leading slash", "/a"],
    ["a final slash", "a/"],
    ["an empty segment", "a//b"],
    ["a dot segment", "a/./b"],
    ["a parent segment", "a/../b"],
    ["a parent segment alone", ".."],
    ["a NUL", "a\0b"],
    ["a line break", "a\nb"],
    ["a C1 control character", "a\u0085b"],
    ["a lone surrogate", "a\ud800"],
    ["513 bytes", "é".repeat(256) + "x"],
    ["a number", 7 as unknown as string],
  ])("%s is refused", async (_, name) => {
    const code = { code: "SECRET_NAME_INVALID" };
    await expect(store.get(name)).rejects.toMatchObject(code);
    await expect(store.set(name, "x")).rejects.toMatchObject(code);
    await expect(store.delete(name)).rejects.toMatchObject(code);
    await expect(store.has(name)).rejects.toMatchObject(code);
    await expect(store.metadata(name)).rejects.toMatchObject(code);
    await expect(store.rotate(name, () => "x", { graceMs: 0 })).rejects.toMatchObject(code);
    expect(() => store.scope(name)).toThrow(expect.objectContaining(code) as Error);
  });

  test.each(["é".repeat(256), "...", "a/..b", "__proto__", "%2e%2e", "a b", "\\..\\"])(
    "%s is a name like any other",
    async (name) => {
      await store.set(name, "x");
      expect((await store.get(name)).expose()).toBe("x");
    },
  );

  test("a scope counts towards the length", async () => {
    const scoped = store.scope("s".repeat(500));
    await scoped.set("n".repeat(11), "x");
    await expect(scoped.get("n".repeat(12))).rejects.toMatchObject({ code: "SECRET_NAME_INVALID" });
  });

  test("a prefix obeys the same rules", async () => {
    for (const prefix of ["/", "a//", "../", "a\0", 7 as unknown as string])
      await expect(store.list(prefix)).rejects.toMatchObject({ code: "SECRET_NAME_INVALID" });
  });
});

describe("values", () => {
  const store = memoryStore();

  test("of 1 MiB are the largest", async () => {
    await store.set("a", new Uint8Array(1 << 20));
    await expect(store.set("a", new Uint8Array((1 << 20) + 1))).rejects.toMatchObject({
      code: "SECRET_TOO_LARGE",
    });
    expect((await store.metadata("a")).version).toBe(1);
  });

  test("that are neither text nor bytes are refused", async () => {
    for (const value of [7, null, undefined, {}, "lone \ud800"] as unknown as string[])
      await expect(store.set("b", value)).rejects.toMatchObject({ code: "SECRET_VALUE_INVALID" });
    expect(await store.has("b")).toBe(false);
  });
});

describe("options", () => {
  const store = memoryStore();

  test.each([
    ["a negative expiry", { expiresAt: -1 }, RangeError],
    ["a fraction", { rotateAfter: 1.5 }, RangeError],
    ["not a number", { ifVersion: Number.NaN }, RangeError],
    ["notes that are a list", { notes: [] as never }, TypeError],
    ["notes that are no data", { notes: { f: () => 1 } as never }, TypeError],
    ["notes without end", { notes: { text: "x".repeat(5_000) } }, RangeError],
  ])("%s is refused", async (_, options, type) => {
    await expect(store.set("a", "x", options)).rejects.toThrow(type);
    expect(await store.has("a")).toBe(false);
  });

  test("a grace period must be told", async () => {
    await store.set("a", "x");
    await expect(store.rotate("a", () => "y", {} as never)).rejects.toThrow(RangeError);
  });

  test("notes are a copy", async () => {
    const notes = { owner: "a" };
    await store.set("n", "x", { notes });
    notes.owner = "b";
    expect((await store.metadata("n")).notes).toEqual({ owner: "a" });
  });
});

describe("getMany", () => {
  test("gives every name once", async () => {
    const store = memoryStore();
    for (let index = 0; index < 40; index += 1) await store.set(`n${index}`, `v${index}`);
    const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
    const secrets = await store.getMany([...names, "n0"]);
    expect([...secrets.keys()]).toEqual(names);
    expect(secrets.get("n39")?.expose()).toBe("v39");
  });

  test("gives nothing when one is missing", async () => {
    const store = memoryStore();
    await store.set("a", "x");
    await expect(store.getMany(["a", "missing"])).rejects.toMatchObject({
      code: "SECRET_NOT_FOUND",
      secret: "missing",
    });
  });
});

describe("rotation", () => {
  test("that is due is told once per version", async () => {
    let now = 1_000;
    const due: SecretMetadata[] = [];
    const store = memoryStore({ now: () => now, onRotationDue: (metadata) => due.push(metadata) });
    await store.set("a", "1", { rotateAfter: 2_000 });
    await store.get("a");
    expect(due).toEqual([]);
    now = 2_000;
    await store.get("a");
    await store.scope("b").has("a");
    await store.getAccepted("a");
    expect(due.map(({ name, version }) => [name, version])).toEqual([["a", 1]]);
    await store.rotate("a", () => "2", { graceMs: 0, rotateAfter: 2_000 });
    await store.get("a");
    expect(due.map(({ version }) => version)).toEqual([1, 2]);
  });

  test("never keeps an old value past its own expiry", async () => {
    let now = 1_000;
    const store = memoryStore({ now: () => now });
    await store.set("a", "1", { expiresAt: 1_500 });
    const { previous } = await store.rotate("a", () => "2", { graceMs: 10_000 });
    expect(previous).toEqual([{ version: 1, until: 1_500 }]);
    now = 1_600;
    expect(await store.getAccepted("a")).toHaveLength(1);
    await store.set("b", "1", { expiresAt: 1_500 });
    expect((await store.rotate("b", () => "2", { graceMs: 10_000 })).previous).toEqual([]);
  });

  test("without grace keeps nothing", async () => {
    const store = memoryStore();
    await store.set("a", "1");
    expect((await store.rotate("a", () => "2", { graceMs: 0 })).previous).toEqual([]);
  });

  test("lends the current value only while the new one is made", async () => {
    const store = memoryStore();
    await store.set("a", "1");
    let lent: { expose(): string } | undefined;
    await store.rotate(
      "a",
      (current) => {
        lent = current;
        return `${current.expose()}2`;
      },
      { graceMs: 0 },
    );
    expect(() => lent?.expose()).toThrow(expect.objectContaining({ code: "SECRET_CLOSED" }) as Error);
  });
});

describe("a clock that does not know the time", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined as unknown as number])(
    "but says %s opens nothing that has expired",
    async (broken) => {
      let now = 1_000;
      const store = memoryStore({ now: () => now });
      await store.set("a", "x", { expiresAt: 2_000 });
      now = broken;
      await expect(store.get("a")).rejects.toThrow(RangeError);
      await expect(store.getAccepted("a")).rejects.toThrow(RangeError);
      await expect(store.set("a", "y")).rejects.toThrow(RangeError);
    },
  );

  test("because it is no function is refused at once", () => {
    expect(() => memoryStore({ now: 5 as unknown as () => number })).toThrow(TypeError);
  });
});
