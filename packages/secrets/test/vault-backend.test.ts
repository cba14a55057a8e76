import {
  PlainValue,
  Secret,
  type SecretBackend,
  SecretError,
  type SecretStore,
  type SecretWrite,
} from "@symbiont/secrets";
import {
  tokenLogin,
  type VaultBackendOptions,
  VaultClient,
  type VaultStoreOptions,
  vaultBackend,
  vaultStore,
} from "@symbiont/secrets/vault";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { errors, FakeVault } from "./servers/fake-vault.ts";

let server: FakeVault;
let client: VaultClient;

beforeEach(async () => {
  server = await FakeVault.start();
  server.tokens.issue("t", 0);
  client = new VaultClient({ address: server.address, login: tokenLogin(() => "t") });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

const now = (): number => server.clock.now;
const store = (options: VaultStoreOptions = {}): SecretStore => vaultStore(client, { now, ...options });
const backend = (options: VaultBackendOptions = {}): SecretBackend =>
  vaultBackend(client, { now, ...options });
const count = (call: string): number => server.calls.filter((other) => other === call).length;
const text = async (from: SecretStore, name = "a"): Promise<string> => (await from.get(name)).expose();

/** A client that is handed some answers only when they are released. */
function holding(isHeld: (url: string, method: string) => boolean): {
  slow: VaultClient;
  release: () => void;
} {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = new VaultClient({
    address: server.address,
    login: tokenLogin(() => "t"),
    fetch: async (url, options) => {
      const response = await fetch(url, options);
      if (isHeld(url, options.method)) await held;
      return response;
    },
  });
  return { slow, release };
}

describe("an entry that others wrote", () => {
  test("gives its value, otherwise its content", async () => {
    server.kv.put("a", { content: "c", other: "x" });
    expect(await text(store())).toBe("c");
    server.kv.put("a", { content: "c", value: "v" });
    expect(await text(store())).toBe("v");
    expect((await store().get("a")).version).toBe(2);
  });

  test("gives the member it is asked for, whatever its name", async () => {
    server.kv.put("a", { value: "v", constructor: "odd", password: "p" });
    expect(await text(store({ field: "password" }))).toBe("p");
    expect(await text(store({ field: "constructor" }))).toBe("odd");
  });

  test.each([
    ["no such member", { other: "x" }],
    ["a number", { value: 5432 }],
    ["a boolean", { value: true }],
    ["nothing", { value: null }],
    ["an object", { value: { deep: 1 } }],
    ["broken base64", { value: "%%%", value_encoding: "base64" }],
    ["half a character", { value: "\ud800" }],
  ])("is refused when it holds %s", async (_, data) => {
    server.next("GET secret/data/a", {
      status: 200,
      json: {
        data: { data, metadata: { version: 1, created_time: "2026-01-01T00:00:00Z", deletion_time: "" } },
      },
    });
    const error = await store()
      .get("a")
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: expect.stringMatching(/^SECRET_(VALUE|ANSWER)_INVALID$/) as unknown,
    });
  });

  test("is given as JSON text when asked for, its numbers as they were written", async () => {
    const json = `{"data":{"data":{"value":{"b":[1.10,9007199254740993],"a":null}},"metadata":{"version":3}}}`;
    server.next("GET secret/data/a", { status: 200, text: json });
    expect(await text(store({ otherTypes: "json" }))).toBe('{"b":[1.10,9007199254740993],"a":null}');
  });

  test("is looked at without its value being fit for one", async () => {
    server.kv.put("a", { other: "x" });
    expect(await store().has("a")).toBe(true);
    expect((await store().metadata("a")).version).toBe(1);
  });

  test("expires when Vault is going to delete the version", async () => {
    server.next("GET secret/data/a", {
      status: 200,
      json: {
        data: { data: { value: "v" }, metadata: { version: 1, deletion_time: "2030-01-01T00:00:00Z" } },
      },
    });
    expect((await store().metadata("a")).expiresAt).toBe(Date.parse("2030-01-01T00:00:00Z"));
  });
});

describe("what is not there", () => {
  test("is not found", async () => {
    await expect(store().get("a")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
  });

  test("is deleted when its current version is", async () => {
    server.kv.put("a", { value: "v" });
    server.kv.deleteSoftly("a");
    for (const call of [() => store().get("a"), () => store().has("a"), () => store().metadata("a")])
      await expect(call()).rejects.toMatchObject({ code: "SECRET_DELETED" });
    await expect(store().set("a", "new", { ifVersion: 0 })).rejects.toMatchObject({
      code: "SECRET_CONFLICT",
    });
    expect((await store().set("a", "new")).version).toBe(2);
    expect(await text(store())).toBe("new");
  });

  test("is no missing secret when nothing is mounted there, nor when a policy hides it", async () => {
    await expect(store({ mount: "nowhere" }).get("a")).rejects.toMatchObject({
      code: "SECRET_ANSWER_INVALID",
    });
    await expect(store({ mount: "nowhere" }).list()).rejects.toMatchObject({ code: "SECRET_ANSWER_INVALID" });
    server.tokens.denied = ["secret/"];
    await expect(store().get("a")).rejects.toMatchObject({ code: "SECRET_ACCESS_DENIED" });
    await expect(store().has("a")).rejects.toMatchObject({ code: "SECRET_ACCESS_DENIED" });
  });
});

describe("a name", () => {
  test.each(["../b", "a/../b", ".", "a//b", "/a", "a/", "a\u0000", "\ud800"])(
    "such as %j goes nowhere",
    async (name) => {
      await expect(store({ prefix: "mine" }).get(name)).rejects.toMatchObject({
        code: "SECRET_NAME_INVALID",
      });
      await expect(backend({ prefix: "mine" }).read(name, {})).rejects.toMatchObject({
        code: "SECRET_NAME_INVALID",
      });
      expect(server.calls).toEqual([]);
    },
  );

  test("is escaped, and stays below the prefix", async () => {
    await store({ prefix: "agents/a/secrets" }).set("%2e%2e/ü?#", "x");
    expect([...server.kv.entries.keys()]).toEqual(["agents/a/secrets/%2e%2e/ü?#"]);
    expect(await store({ prefix: "agents/a/secrets" }).list()).toEqual(["%2e%2e/ü?#"]);
  });

  test.each([{ mount: "a/../b" }, { mount: "" }, { prefix: "/x" }, { field: "" }, { engine: 3 as 2 }])(
    "is not made of the option %j",
    (options) => {
      expect(() => backend(options)).toThrow(TypeError);
    },
  );
});

describe("a write", () => {
  test("goes against the version that was there when it began, asked for or not", async () => {
    await store().set("a", "1");
    server.next("POST secret/data/a", () => {
      server.kv.put("a", { value: "theirs" });
      return errors(400, "check-and-set parameter did not match the current version");
    });
    await expect(store().set("a", "ours")).rejects.toMatchObject({
      code: "SECRET_CONFLICT",
      retryable: true,
    });
    expect(await text(store())).toBe("theirs");
    for (const { path, body } of server.requests)
      if (path === "secret/data/a" && body !== undefined) expect(body.options.cas).toBeTypeOf("number");
  });

  test("that was carried out although its answer was lost counts as done", async () => {
    server.next("POST secret/data/a", "reset-after");
    expect((await store().set("a", "1", { ifVersion: 0 })).version).toBe(1);
    server.next("POST secret/data/a", "reset-after");
    expect((await store().rotate("a", () => "2", { graceMs: 1_000 })).version).toBe(2);
    expect((await store().getAccepted("a")).map((secret) => secret.expose())).toEqual(["2", "1"]);
  });

  test("whose answer was lost and which somebody overtook is a conflict", async () => {
    server.next("POST secret/data/a", () => {
      server.kv.put("a", { value: "theirs" });
      return "reset";
    });
    await expect(store().set("a", "ours")).rejects.toMatchObject({ code: "SECRET_CONFLICT" });
    expect(await text(store())).toBe("theirs");
  });

  test("that Vault cannot take is unavailable, and changes nothing", async () => {
    await store().set("a", "1");
    server.next("POST secret/data/a", errors(503, "Vault is sealed"), 3);
    await expect(store().rotate("a", () => "2", { graceMs: 9_000 })).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
    });
    expect((await store().getAccepted("a")).map((secret) => secret.expose())).toEqual(["1"]);
    // What the failed one announced does not stick to the next one of that version.
    const { expiresAt, previous } = await store().set("a", "2");
    expect({ expiresAt, previous }).toEqual({ expiresAt: undefined, previous: [] });
    expect((await store().metadata("a")).previous).toEqual([]);
  });

  test("to a member of its own leaves the others alone", async () => {
    server.kv.put("a", { password: "old", username: "bob", password_encoding: "base64" });
    await store({ field: "password" }).set("a", "new");
    expect(server.kv.entries.get("a")?.versions.at(-1)?.data).toEqual({ password: "new", username: "bob" });
    await store({ field: "password" }).set("a", new Uint8Array([0xff]));
    await store({ field: "password" }).rotate("a", () => "text", { graceMs: 1_000 });
    expect(await text(store({ field: "username" }))).toBe("bob");
    expect(await text(store({ field: "password" }))).toBe("text");
    const old = (await store({ field: "password" }).getAccepted("a"))[1] as Secret;
    expect(old.equals(new Uint8Array([0xff]))).toBe(true);
  });

  test("to a member of its own starts afresh where there is nothing, or nothing any more", async () => {
    await store({ field: "password" }).set("a", "1");
    server.kv.deleteSoftly("a");
    await store({ field: "password" }).set("a", "2");
    expect(server.kv.entries.get("a")?.versions.at(-1)?.data).toEqual({ password: "2" });
  });

  test("without a member of its own replaces the whole entry", async () => {
    server.kv.put("a", { content: "old", username: "bob" });
    await store().set("a", "new");
    expect(server.kv.entries.get("a")?.versions.at(-1)?.data).toEqual({ value: "new" });
  });
});

describe("custom metadata", () => {
  const custom = (name = "a"): Record<string, string> => server.kv.entries.get(name)?.custom ?? {};

  test("are not touched by a write that needs none", async () => {
    await store().set("a", "1");
    expect(server.calls).not.toContain("PATCH secret/metadata/a");
  });

  test("of others stay as they are, ours of old versions go", async () => {
    await store().set("a", "1", { rotateAfter: 5 });
    (server.kv.entries.get("a") as { custom: object }).custom = { ...custom(), owner: "team-a" };
    await store().set("a", "2", { rotateAfter: 6 });
    await store().set("a", "3", { rotateAfter: 7 });
    expect(custom()["owner"]).toBe("team-a");
    const ours = Object.keys(custom()).filter((name) => name !== "owner");
    expect(ours.map((name) => name.replace(/-[0-9a-f]{16}-/, "-ID-"))).toEqual([
      "symbiont-v2-ID-0",
      "symbiont-v3-ID-0",
    ]);
    expect((await store().metadata("a")).rotateAfter).toBe(7);
  });

  test("hold long notes in pieces, whatever their characters", async () => {
    const notes = { text: 'ü"\\\n🔑'.repeat(180) };
    await store().set("a", "1", { notes });
    expect((await store().metadata("a")).notes).toEqual(notes);
    expect(Object.keys(custom()).length).toBeGreaterThan(5);
  });

  test("that would be longer than Vault takes are refused before anything is written", async () => {
    const notes = { text: "🔑".repeat(2_000) };
    await expect(store().set("a", "1", { notes })).rejects.toMatchObject({ code: "SECRET_TOO_LARGE" });
    expect(server.kv.entries.size).toBe(0);
  });

  test("cannot put off an expiry for who may write nothing but metadata", async () => {
    await store().set("a", "1", { expiresAt: now() + 1_000 });
    const entry = server.kv.entries.get("a") as { custom: object };
    const later = JSON.stringify({ expiresAt: now() + 1_000_000, previous: [] });
    entry.custom = Object.fromEntries(Object.keys(custom()).map((name) => [name, later]));
    server.clock.now += 2_000;
    await expect(store().get("a")).rejects.toMatchObject({ code: "SECRET_ANSWER_INVALID" });
  });

  test("cannot have an old value accepted again for who may write nothing but metadata", async () => {
    await store().set("a", "leaked");
    await store().set("a", "2", { notes: { owner: "team-a" } });
    const entry = server.kv.entries.get("a") as { custom: object };
    const revived = JSON.stringify({
      notes: { owner: "team-a" },
      previous: [{ version: 1, until: now() + 1_000_000 }],
    });
    entry.custom = Object.fromEntries(Object.keys(custom()).map((name) => [name, revived]));
    await expect(store().getAccepted("a")).rejects.toMatchObject({ code: "SECRET_ANSWER_INVALID" });
  });

  test("of ours that somebody removed or changed close the secret: it may have expired", async () => {
    await store().set("a", "1", { expiresAt: now() + 1_000, notes: { long: "x".repeat(600) } });
    const whole = custom();
    for (const broken of [
      {},
      Object.fromEntries(Object.entries(whole).slice(1)),
      Object.fromEntries(
        Object.entries(whole).map(([name]) => [name, '{"expiresAt":"never","previous":[]}']),
      ),
      Object.fromEntries(Object.entries(whole).map(([name]) => [name, '{"previous":[],"more":1}'])),
    ]) {
      (server.kv.entries.get("a") as { custom: object }).custom = broken;
      await expect(store().get("a")).rejects.toMatchObject({ code: "SECRET_ANSWER_INVALID" });
    }
    await store().set("a", "2");
    expect(await text(store())).toBe("2");
  });

  test("do not outlive a version that somebody else wrote", async () => {
    await store().set("a", "1", { expiresAt: now() + 1_000 });
    server.kv.put("a", { value: "theirs" });
    expect((await store().metadata("a")).expiresAt).toBeUndefined();
  });

  test("keep apart what two writers announce at once", async () => {
    await store().set("a", "0");
    const writes = Array.from({ length: 6 }, (_, index) =>
      store().set("a", String(index), { ifVersion: 1, expiresAt: now() + 1_000 * (index + 1) }),
    );
    const winners = (await Promise.allSettled(writes)).filter(({ status }) => status === "fulfilled");
    expect(winners).toHaveLength(1);
    const { expiresAt = 0 } = await store().metadata("a");
    expect(String((expiresAt - now()) / 1_000 - 1)).toBe(await text(store()));
    expect(Object.keys(custom())).toHaveLength(1);
  });
});

describe("previous versions", () => {
  test("are no longer named when their grace is over", async () => {
    await store().set("a", "1");
    await store().rotate("a", () => "2", { graceMs: 9_000 });
    expect((await store().metadata("a")).previous).toEqual([{ version: 1, until: now() + 9_000 }]);
    server.clock.now += 9_000;
    expect((await store().metadata("a")).previous).toEqual([]);
  });

  test("that somebody destroys are accepted no more, the current one none the less", async () => {
    await store().set("a", "1");
    await store().rotate("a", () => "2", { graceMs: 9_000 });
    Object.assign(server.kv.entries.get("a")?.versions[0] ?? {}, { data: null, destroyed: true });
    expect((await store().getAccepted("a")).map((secret) => secret.expose())).toEqual(["2"]);
  });

  test("that Vault no longer keeps are deleted", async () => {
    await store().set("a", "1");
    await store().rotate("a", () => "2", { graceMs: 9_000 });
    server.next("GET secret/data/a", (request) =>
      request.query.get("version") === "1" ? errors(404) : { status: 500, text: "" },
    );
    const stored = await backend().read("a", {});
    server.next("GET secret/data/a", errors(404));
    await expect(stored?.value(1)).rejects.toMatchObject({ code: "SECRET_DELETED" });
  });
});

describe("a list", () => {
  test("goes down all folders, from the one that the prefix is in", async () => {
    for (const name of ["x", "team/a", "team/b/c/d", "tea/z", "team2"]) server.kv.put(name, { value: "v" });
    expect(await store().list()).toEqual(["tea/z", "team/a", "team/b/c/d", "team2", "x"]);
    expect(await store().list("team/b")).toEqual(["team/b/c/d"]);
    expect(await store().list("tea")).toEqual(["tea/z", "team/a", "team/b/c/d", "team2"]);
    server.requests.length = 0;
    await store().list("team/b/");
    expect(server.calls).toEqual(["GET secret/metadata/team/b", "GET secret/metadata/team/b/c"]);
  });

  test("leaves out what could not be asked for", async () => {
    server.next("GET secret/metadata", {
      status: 200,
      json: { data: { keys: ["ok", "..", "../", "a\u0007", 7] } },
    });
    expect(await store().list()).toEqual(["ok"]);
  });

  test("ends where there is no end", async () => {
    server.next("GET secret/metadata", { status: 200, json: { data: { keys: ["a/", "b/"] } } }, 1e9);
    await expect(store().list()).rejects.toMatchObject({ code: "SECRET_TOO_LARGE" });
  });

  test("is bounded", async () => {
    const keys = Array.from({ length: 10_001 }, (_, index) => `n${index}`);
    server.next("GET secret/metadata", { status: 200, json: { data: { keys } } });
    await expect(store().list()).rejects.toMatchObject({ code: "SECRET_TOO_LARGE" });
  });
});

describe("a deletion", () => {
  test("of a member leaves an entry alone that holds others", async () => {
    server.kv.put("a", { password: "p", username: "bob" });
    await expect(store({ field: "password" }).delete("a")).rejects.toMatchObject({
      code: "SECRET_READ_ONLY",
    });
    server.kv.put("a", { password: "p" });
    expect(await store({ field: "password" }).delete("a")).toBe(true);
    expect(server.kv.entries.size).toBe(0);
  });

  test("of what was only announced finds nothing", async () => {
    server.next("POST secret/data/a", errors(403, "permission denied"), 2);
    await expect(store().set("a", "1", { rotateAfter: 1 })).rejects.toMatchObject({
      code: "SECRET_ACCESS_DENIED",
    });
    expect(await store().has("a")).toBe(false);
    expect(await store().delete("a")).toBe(false);
    expect(server.kv.entries.size).toBe(0);
  });
});

describe("version 1 of the engine", () => {
  test("is read and listed", async () => {
    server.kv.plain.set("team/a", { value: "v1" });
    const old = store({ mount: "kv1", engine: 1 });
    expect(await text(old, "team/a")).toBe("v1");
    expect(await old.list()).toEqual(["team/a"]);
    await expect(old.get("none")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
  });

  test("is not written", async () => {
    const old = store({ mount: "kv1", engine: 1, cache: { ttlMs: 1_000 } });
    await expect(old.set("a", "1")).rejects.toMatchObject({ code: "SECRET_READ_ONLY" });
    await expect(old.delete("a")).rejects.toMatchObject({ code: "SECRET_READ_ONLY" });
  });
});

describe("a cache", () => {
  const READ = "GET secret/data/a";
  beforeEach(() => server.kv.put("a", { value: "1" }));

  test("is off unless asked for", async () => {
    const plain = store();
    await plain.get("a");
    await plain.get("a");
    expect(count(READ)).toBe(2);
  });

  test("answers for its time, then asks", async () => {
    const cached = store({ cache: { ttlMs: 1_000 } });
    for (let call = 0; call < 3; call += 1) expect(await text(cached)).toBe("1");
    expect((await cached.metadata("a")).version).toBe(1);
    expect(count(READ)).toBe(1);
    server.kv.put("a", { value: "2" });
    server.clock.now += 1_000;
    expect(await text(cached)).toBe("2");
  });

  test("is not younger because the clock was put back", async () => {
    const cached = store({ cache: { ttlMs: 1_000, maxStaleMs: 0 } });
    await cached.get("a");
    server.kv.put("a", { value: "2" });
    server.clock.now -= 3_600_000;
    expect(await text(cached)).toBe("2");
  });

  test("does not keep what is not there", async () => {
    const cached = store({ cache: { ttlMs: 1_000 } });
    await expect(cached.get("b")).rejects.toMatchObject({ code: "SECRET_NOT_FOUND" });
    server.kv.put("b", { value: "now" });
    expect(await text(cached, "b")).toBe("now");
  });

  test("forgets what is written and deleted through it", async () => {
    const cached = store({ cache: { ttlMs: 1_000 } });
    await cached.get("a");
    await cached.set("a", "2");
    expect(await text(cached)).toBe("2");
    await cached.delete("a");
    expect(await cached.has("a")).toBe(false);
  });

  test("does not keep an answer that a write has overtaken", async () => {
    const cached = store({ cache: { ttlMs: 1_000 } });
    const { slow, release } = holding((url, method) => method === "GET" && url.includes("/data/"));
    const through = vaultStore(slow, { now, cache: { ttlMs: 1_000 } });
    const reading = through.get("a");
    await vi.waitFor(() => expect(count(READ)).toBe(1));
    await through.set("a", "2");
    release();
    await reading;
    expect(await text(through)).toBe("2");
    expect(await text(cached)).toBe("2");
    await slow.close();
  });

  test("holds no more than it may, and lets go of the oldest", async () => {
    const cached = store({ cache: { ttlMs: 1_000, maxEntries: 2 } });
    for (const name of ["b", "c"]) server.kv.put(name, { value: name });
    for (const name of ["a", "b", "c", "c", "b", "a"]) await cached.get(name);
    expect(count("GET secret/data/b")).toBe(1);
    expect(count(READ)).toBe(2);
  });

  test("leaves no other copy behind", async () => {
    const caching = backend({ cache: { ttlMs: 1_000 } });
    const copy = vi.spyOn(PlainValue.prototype, "copy");
    onTestFinished(() => copy.mockRestore());
    await caching.read("a", {});
    const copied = new Set(copy.mock.contexts as PlainValue[]);
    copy.mockRestore();
    const texts = Array.from(copied, (value) => Buffer.from(value.copy()).toString());
    expect(texts).not.toContain("1");
  });

  test("zeroes what it lets go of, and never hands out the zeros", async () => {
    const caching = backend({ cache: { ttlMs: 1_000, maxEntries: 1 } });
    server.kv.put("b", { value: "b" });
    const stored = await caching.read("a", {});
    const copy = await stored?.value(1);
    const dispose = vi.spyOn(PlainValue.prototype, "dispose");
    await caching.read("b", {});
    expect(
      (dispose.mock.contexts as PlainValue[]).map((value) => Buffer.from(value.copy()).toString("hex")),
    ).toEqual(["00"]);
    const again = await stored?.value(1);
    expect(Buffer.from(copy?.copy() ?? []).toString()).toBe("1");
    expect(Buffer.from(again?.copy() ?? []).toString()).toBe("1");
    expect(count(READ)).toBe(2);
  });

  test("does not help when Vault is down, unless told how long", async () => {
    const cached = store({ cache: { ttlMs: 1_000 } });
    const tolerant = store({ cache: { ttlMs: 1_000, maxStaleMs: 5_000 } });
    await cached.get("a");
    await tolerant.get("a");
    server.clock.now += 5_000;
    server.next(READ, errors(501, "not initialized"), 99);
    await expect(cached.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    expect(await text(tolerant)).toBe("1");
    server.clock.now += 1_000;
    await expect(tolerant.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  test("does not outlive a denial", async () => {
    const tolerant = store({ cache: { ttlMs: 1_000, maxStaleMs: 5_000 } });
    await tolerant.get("a");
    server.clock.now += 1_000;
    server.tokens.denied = ["secret/"];
    await expect(tolerant.get("a")).rejects.toMatchObject({ code: "SECRET_ACCESS_DENIED" });
  });

  test.each<[string, () => void]>([
    ["deleted", () => server.kv.deleteSoftly("a")],
    ["denied", () => server.tokens.denied.push("secret/")],
    ["removed", () => server.kv.entries.delete("a")],
  ])("does not bring back in an outage what was %s", async (_, happen) => {
    const tolerant = store({ cache: { ttlMs: 1_000, maxStaleMs: 60_000 } });
    await tolerant.get("a");
    happen();
    server.clock.now += 1_000;
    await expect(tolerant.get("a")).rejects.toBeInstanceOf(SecretError);
    server.next(READ, errors(501, "not initialized"), 99);
    await expect(tolerant.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  test("does not let an older answer that comes late replace a newer one", async () => {
    let reads = 0;
    const { slow, release } = holding((url) => url.includes("/data/") && (reads += 1) === 1);
    const cached = vaultStore(slow, { now, cache: { ttlMs: 1_000 } });
    const late = cached.get("a");
    await vi.waitFor(() => expect(count(READ)).toBe(1));
    server.kv.put("a", { value: "2" });
    server.clock.now += 1;
    expect(await text(cached)).toBe("2");
    release();
    await late;
    expect(await text(cached)).toBe("2");
    await slow.close();
  });

  test("refuses what has expired meanwhile, and drops what is past its grace", async () => {
    await store().rotate("a", () => "2", { graceMs: 100, expiresAt: now() + 500 });
    const cached = store({ cache: { ttlMs: 10_000 } });
    expect((await cached.getAccepted("a")).map((secret) => secret.expose())).toEqual(["2", "1"]);
    server.clock.now += 100;
    expect((await cached.metadata("a")).previous).toEqual([]);
    server.clock.now += 400;
    await expect(cached.get("a")).rejects.toMatchObject({ code: "SECRET_EXPIRED" });
  });

  test("is empty when the client is closed", async () => {
    const cached = store({ cache: { ttlMs: 1_000, maxStaleMs: 1_000 } });
    await cached.get("a");
    await client.close();
    await expect(cached.get("a")).rejects.toMatchObject({ code: "SECRET_CLOSED" });
  });

  test.each([{ ttlMs: 0 }, { ttlMs: 1, maxEntries: 0 }, { ttlMs: 1, maxStaleMs: -1 }])(
    "is not made of %j",
    (cache) => {
      expect(() => backend({ cache })).toThrow(RangeError);
    },
  );
});

test("a write of bytes that are text is text for everybody", async () => {
  const write: SecretWrite = { value: Buffer.from("text"), text: false };
  await backend().write?.("a", write, {});
  expect(server.kv.entries.get("a")?.versions[0]?.data).toEqual({ value: "text" });
});
