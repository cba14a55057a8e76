import { createServer, type Server } from "node:net";
import { createKeychainKey, keychainKey } from "@symbiont/secrets/key-providers/keychain";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type KeyringSession, noKeyring, startSession } from "./keyring-session.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };
const place = { service: "symbiont", account: "secrets" };
const onLinux = process.platform === "linux";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.doUnmock("@napi-rs/keyring");
  vi.resetModules();
});

describe.skipIf(noKeyring !== "")(`gnome-keyring${noKeyring}`, () => {
  let session: KeyringSession;
  const attributes = ["service", place.service, "username", place.account];

  beforeAll(async () => {
    session = await startSession();
    session.enter();
    await session.startKeyring();
  });
  afterAll(() => session.remove());
  afterEach(() => {
    try {
      session.run("secret-tool", ["clear", ...attributes]);
    } catch {
      // There was nothing to clear.
    }
  });

  test("a created key is in the Secret Service, and survives the end of the daemon", async () => {
    const provider = await createKeychainKey(place);
    expect(provider.id).toBe("keychain:symbiont/secrets");
    const before = await provider.load(REQUEST);
    const stored = session.run("secret-tool", ["lookup", ...attributes]);
    expect(before).toEqual({ kind: "raw", key: new Uint8Array(Buffer.from(stored, "base64")) });

    await session.stopKeyring();
    await expect(provider.load(REQUEST)).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    await session.startKeyring();
    expect(await provider.load(REQUEST)).toEqual(before);
  });

  test("an entry that Symbiont has written opens, under the attributes that it writes", async () => {
    const theirs = [...attributes, "target", "default", "application", "rust-keyring"];
    session.run("secret-tool", ["store", "--label=symbiont", ...theirs], "correct horse battery staple");
    expect(await keychainKey(place, { kind: "passphrase" }).load(REQUEST)).toEqual({
      kind: "passphrase",
      passphrase: "correct horse battery staple",
    });
    await expect(createKeychainKey(place)).rejects.toMatchObject({ code: "SECRET_KEY_EXISTS" });
    expect(session.run("secret-tool", ["lookup", ...theirs])).toBe("correct horse battery staple");
  });

  test("an entry is found by what Symbiont searches for", async () => {
    await createKeychainKey(place);
    // Symbiont searches by these two; an item may have more attributes, not fewer.
    expect(session.run("secret-tool", ["lookup", ...attributes])).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  });

  test("a key that exists is not replaced", async () => {
    const provider = await createKeychainKey(place);
    const before = await provider.load(REQUEST);
    await expect(createKeychainKey(place)).rejects.toMatchObject({
      code: "SECRET_KEY_EXISTS",
      retryable: false,
    });
    expect(await provider.load(REQUEST)).toEqual(before);
  });

  test("an entry that is not text is refused and not shown", async () => {
    const bytes = Buffer.concat([Buffer.of(0xff, 0xfe, 0xfd), Buffer.from("canary-canary")]);
    session.run("secret-tool", ["store", "--label=bytes", ...attributes], bytes);
    const error: unknown = await keychainKey(place)
      .load(REQUEST)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "SECRET_UNAVAILABLE" });
    expect(String((error as Error).cause)).not.toContain("canary");
  });

  test("a keyring that is locked and that nobody unlocks is not an empty one", async () => {
    const provider = await createKeychainKey(place);
    const collection = "objpath:/org/freedesktop/secrets/collection/login";
    const service = [
      "--session",
      "--print-reply",
      "--dest=org.freedesktop.secrets",
      "/org/freedesktop/secrets",
    ];
    const method = (name: string): string => `org.freedesktop.Secret.Service.${name}`;
    session.run("dbus-send", [...service, method("Lock"), `array:${collection}`]);
    await expect(provider.load(REQUEST)).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    await expect(createKeychainKey(place)).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    await session.stopKeyring();
    await session.startKeyring();
    expect(await provider.load(REQUEST)).toMatchObject({ kind: "raw" });
  });

  test("a key is not parked in a keyring that ends with the session", async () => {
    const alias = (collection: string): string =>
      session.run("dbus-send", [
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.SetAlias",
        "string:default",
        `objpath:/org/freedesktop/secrets/collection/${collection}`,
      ]);
    alias("session");
    try {
      await expect(createKeychainKey(place)).rejects.toMatchObject({
        code: "SECRET_UNAVAILABLE",
        retryable: false,
        message: expect.stringContaining("ends with the session") as unknown,
      });
      expect(() => session.run("secret-tool", ["lookup", ...attributes])).toThrow();
    } finally {
      alias("login");
    }
  });

  test("a module that keeps the key elsewhere is found out, and what it took is removed", async () => {
    const elsewhere = new Map<string, string>();
    class AsyncEntry {
      readonly #name: string;
      constructor(service: string, account: string) {
        this.#name = `${service}/${account}`;
      }
      async getPassword(): Promise<string | null> {
        return elsewhere.get(this.#name) ?? null;
      }
      async setPassword(password: string): Promise<void> {
        elsewhere.set(this.#name, password);
      }
      async deleteCredential(): Promise<boolean> {
        return elsewhere.delete(this.#name);
      }
    }
    vi.doMock("@napi-rs/keyring", () => ({ AsyncEntry }));
    vi.resetModules();
    const fresh = await import("@symbiont/secrets/key-providers/keychain");
    await expect(fresh.createKeychainKey(place)).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      retryable: false,
      message: expect.stringContaining("would be lost") as unknown,
    });
    expect(elsewhere.size).toBe(0);
  });

  const noService = /no Secret Service on the session bus: .*gnome-keyring/;
  const node22 = Number.parseInt(process.versions.node, 10) >= 22;
  test.each([
    ["a socket in the file system", "unix:tmpdir=/tmp", noService],
    [
      "an abstract socket",
      `unix:abstract=/symbiont%2dtest-${process.pid}`,
      node22 ? noService : /needs Node 22/,
    ],
  ])(
    "a bus on %s without a Secret Service gets no key, and the message says what is missing",
    async (_, listen, says) => {
      const bare = await startSession(listen);
      try {
        bare.enter();
        const refusal = {
          code: "SECRET_UNAVAILABLE",
          retryable: false,
          message: expect.stringMatching(says) as unknown,
        };
        await expect(createKeychainKey(place)).rejects.toMatchObject(refusal);
        await expect(keychainKey(place).load(REQUEST)).rejects.toMatchObject(refusal);
      } finally {
        await bare.remove();
        session.enter();
      }
    },
  );
});

describe.skipIf(!onLinux)("a bus that is not there, or is not one (skipped: tested on Linux only)", () => {
  const inFolder = temporaryFolder();
  const open: Server[] = [];
  afterAll(() => open.forEach((server) => server.close()));

  /** Points the process at a socket that answers the first bytes it gets with `answer`. */
  async function busAnswering(name: string, answer: Uint8Array | undefined): Promise<void> {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => (answer === undefined ? socket.destroy() : socket.write(answer)));
    });
    open.push(server);
    await new Promise<void>((resolve) => server.listen(inFolder(name), resolve));
    server.unref();
    vi.stubEnv("DBUS_SESSION_BUS_ADDRESS", `unix:path=${inFolder(name)}`);
  }

  test.each([
    ["unset, without a runtime folder", undefined],
    ["of a kind that cannot be used here", "tcp:host=localhost,port=1"],
    ["turned off", "disabled:"],
    ["of a socket that is not there", "unix:path=/nonexistent/bus;unix:abstract=/nonexistent/bus"],
  ])("with an address %s there is no key, and none is created", async (_, address) => {
    vi.stubEnv("XDG_RUNTIME_DIR", undefined);
    vi.stubEnv("DBUS_SESSION_BUS_ADDRESS", address);
    const refusal = {
      code: "SECRET_UNAVAILABLE",
      retryable: false,
      message: expect.stringContaining("DBUS_SESSION_BUS_ADDRESS") as unknown,
    };
    await expect(keychainKey(place).load(REQUEST)).rejects.toMatchObject(refusal);
    await expect(createKeychainKey(place)).rejects.toMatchObject(refusal);
  });

  const ok = Buffer.from("OK 0123456789abcdef\r\n");
  const header = (bytes: readonly number[]): Uint8Array => Buffer.concat([ok, Buffer.from(bytes)]);
  test.each<[string, Uint8Array | undefined]>([
    ["hangs up", undefined],
    ["refuses the user", Buffer.from("REJECTED EXTERNAL\r\n")],
    ["speaks another language", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["never ends its line", Buffer.alloc(5000, "x")],
    ["announces a message of 4 GiB", header([0x6c, 2, 0, 1, 255, 255, 255, 255, 1, 0, 0, 0, 8, 0, 0, 0])],
    ["announces a header of 4 GiB", header([0x6c, 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255])],
    [
      "sends a header field of no known type",
      header([0x6c, 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 5, 1, 0x78, 0, 0, 0, 0, 0]),
    ],
    [
      "sends a text that is longer than its message",
      header([0x6c, 3, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 4, 1, 0x73, 0, 255, 255, 0, 0]),
    ],
  ])("one that %s is no Secret Service", async (name, answer) => {
    await busAnswering(name.replace(/\W/g, "-"), answer);
    await expect(keychainKey(place).load(REQUEST)).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  test("one that never answers is given up, and its connection closed", async () => {
    let closed: Promise<unknown> | undefined;
    const silent = createServer((socket) => {
      socket.on("error", () => undefined).resume();
      closed = new Promise((resolve) => socket.once("close", resolve));
    });
    open.push(silent);
    await new Promise<void>((resolve) => silent.listen(inFolder("silent"), resolve));
    silent.unref();
    vi.stubEnv("DBUS_SESSION_BUS_ADDRESS", `unix:path=${inFolder("silent")}`);
    await expect(keychainKey(place, { timeoutMs: 30 }).load(REQUEST)).rejects.toMatchObject({
      code: "SECRET_TIMED_OUT",
      retryable: true,
    });
    await closed;
    const stop = new AbortController();
    const creating = createKeychainKey(place, { signal: stop.signal });
    stop.abort();
    await expect(creating).rejects.toMatchObject({ code: "SECRET_ABORTED" });
  });
});

test("without the optional module the message says how to install it", async () => {
  vi.doMock("@napi-rs/keyring", () => {
    throw new Error("Cannot find module");
  });
  vi.resetModules();
  const fresh = await import("@symbiont/secrets/key-providers/keychain");
  const refusal = {
    code: "SECRET_UNAVAILABLE",
    retryable: false,
    message: expect.stringContaining("npm install @napi-rs/keyring") as unknown,
  };
  await expect(fresh.keychainKey(place).load(REQUEST)).rejects.toMatchObject(refusal);
  await expect(fresh.createKeychainKey(place)).rejects.toMatchObject(refusal);
});

test("wrong arguments are named", async () => {
  const wrong = (...args: readonly unknown[]): unknown =>
    (keychainKey as (...args: unknown[]) => unknown)(...args);
  expect(() => wrong({ service: "", account: "a" })).toThrow("service");
  expect(() => wrong({ service: "a", account: "a\nb" })).toThrow("account");
  expect(() => wrong({ service: "a", account: "x".repeat(201) })).toThrow("account");
  expect(() => wrong(place, { timeoutMs: 0 })).toThrow("timeoutMs");
  expect(() => wrong(place, { kind: "hex" })).toThrow("kind");
  await expect(createKeychainKey({ service: "", account: "a" })).rejects.toThrow("service");
});
