import { SecretError } from "@symbiont/secrets";
import { callbackKey, type LoadKey } from "@symbiont/secrets/key-providers/callback";
import { describe, expect, test, vi } from "vitest";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };
const key = (): Uint8Array => Uint8Array.from({ length: 32 }, (_, index) => index * 5);

function load(result: unknown): Promise<unknown> {
  return callbackKey("kms:a", (async () => result) as LoadKey).load(REQUEST);
}

describe("what the callback gives", () => {
  test("is taken when it is 32 bytes, raw material, a passphrase or nothing", async () => {
    expect(await load(key())).toEqual({ kind: "raw", key: key() });
    expect(await load(Buffer.from(key()))).toEqual({ kind: "raw", key: key() });
    expect(await load({ kind: "raw", key: key() })).toEqual({ kind: "raw", key: key() });
    const words = { kind: "passphrase", passphrase: "correct horse battery staple" };
    expect(await load(words)).toEqual(words);
    const bytes = Uint8Array.from({ length: 12 }, (_, index) => index);
    expect(await load({ kind: "passphrase", passphrase: bytes.slice() })).toEqual({
      kind: "passphrase",
      passphrase: bytes,
    });
    expect(await load(undefined)).toBeUndefined();
  });

  test("is never a passphrase because it is no key", async () => {
    expect(await load({ kind: "passphrase", passphrase: "ab".repeat(32) })).toMatchObject({
      kind: "passphrase",
    });
  });

  test.each([
    ["null", null],
    ["text that is not said to be a passphrase", "correct horse battery staple"],
    ["31 bytes", key().subarray(1)],
    ["33 bytes", Uint8Array.of(...key(), 1)],
    ["no bytes", new Uint8Array()],
    ["zeros", new Uint8Array(32)],
    ["an ArrayBuffer", key().buffer],
    ["numbers", Array.from(key())],
    ["words of 16 bits", new Uint16Array(32).fill(7)],
    ["an unknown kind", { kind: "hex", key: key() }],
    ["a raw key that is text", { kind: "raw", key: "ab".repeat(32) }],
    ["a passphrase that is missing", { kind: "passphrase" }],
    ["a passphrase that is a number", { kind: "passphrase", passphrase: 123_456_789_012 }],
    ["a short passphrase", { kind: "passphrase", passphrase: "x".repeat(11) }],
    ["a short passphrase in bytes", { kind: "passphrase", passphrase: new Uint8Array(11).fill(1) }],
    ["a lone surrogate", { kind: "passphrase", passphrase: "correct horse \ud800 staple" }],
    ["a function", () => key()],
  ])("is refused when it is %s", async (_, result) => {
    await expect(load(result)).rejects.toMatchObject({ code: "SECRET_KEY_INVALID", retryable: false });
  });

  test("is copied, and zeroed where it was", async () => {
    const given = [key(), key(), Uint8Array.from({ length: 16 }, (_, index) => index)];
    const [bytes, raw, words] = given as [Uint8Array, Uint8Array, Uint8Array];
    await load(bytes);
    await load({ kind: "raw", key: raw });
    await load({ kind: "passphrase", passphrase: words });
    for (const one of given) expect(one.every((byte) => byte === 0)).toBe(true);
  });

  test("must be fresh each time: a wiped buffer is refused and not used as a key of zeros", async () => {
    const cached = key();
    const provider = callbackKey("kms:a", async () => cached);
    await provider.load(REQUEST);
    await expect(provider.load(REQUEST)).rejects.toMatchObject({ code: "SECRET_KEY_INVALID" });
  });
});

describe("what the callback throws", () => {
  test("becomes the cause, whether it throws at once or later", async () => {
    const failure = new Error("the KMS is down");
    const later = callbackKey("kms:a", async () => Promise.reject(failure));
    const atOnce = callbackKey("kms:a", () => {
      throw failure;
    });
    for (const provider of [later, atOnce])
      await expect(provider.load(REQUEST)).rejects.toMatchObject({
        code: "SECRET_UNAVAILABLE",
        cause: failure,
        retryable: true,
      });
  });

  test("passes when it is one of our errors", async () => {
    const denied = new SecretError("SECRET_ACCESS_DENIED", "the KMS refuses this role");
    const provider = callbackKey("kms:a", async () => Promise.reject(denied));
    await expect(provider.load(REQUEST)).rejects.toBe(denied);
  });
});

describe("the wait", () => {
  test("tells the callback who asks, and by a signal when nobody waits any more", async () => {
    let asked: { storeId: string; signal: AbortSignal } | undefined;
    const provider = callbackKey(
      "kms:a",
      (request) => {
        asked = request;
        return new Promise(() => undefined);
      },
      { timeoutMs: 20 },
    );
    const loading = provider.load(REQUEST);
    expect(asked?.storeId).toBe(REQUEST.storeId);
    expect(asked?.signal.aborted).toBe(false);
    await expect(loading).rejects.toMatchObject({ code: "SECRET_TIMED_OUT", retryable: true });
    expect(asked?.signal.aborted).toBe(true);
  });

  test("does not call the callback for somebody who has gone", async () => {
    let calls = 0;
    const provider = callbackKey("kms:a", async () => {
      calls += 1;
      return undefined;
    });
    await expect(provider.load({ ...REQUEST, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "SECRET_ABORTED",
    });
    expect(calls).toBe(0);
  });

  test("zeroes a key that comes too late, and its own copy", async () => {
    const late = key();
    let answer: ((bytes: Uint8Array) => void) | undefined;
    const stop = new AbortController();
    const provider = callbackKey("prompt", () => new Promise((resolve) => (answer = resolve)));
    const loading = provider.load({ ...REQUEST, signal: stop.signal });
    stop.abort();
    await expect(loading).rejects.toMatchObject({ code: "SECRET_ABORTED" });
    const copies = vi.spyOn(Uint8Array, "from");
    answer?.(late);
    await new Promise((resolve) => setImmediate(resolve));
    expect(copies).toHaveBeenCalledOnce();
    for (const bytes of [late, copies.mock.results[0]?.value as Uint8Array])
      expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  test("leaves nothing behind on the caller's signal", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await callbackKey("kms:a", async () => key()).load({ ...REQUEST, signal });
    expect(listeners).toBe(0);
  });
});

test("wrong arguments are named", () => {
  const wrong = (...args: readonly unknown[]): unknown =>
    (callbackKey as (...args: unknown[]) => unknown)(...args);
  const give = async (): Promise<undefined> => undefined;
  for (const id of ["", "a b", "a\n", "é", "x".repeat(201), 7]) expect(() => wrong(id, give)).toThrow("id");
  expect(() => wrong("kms:a", "load")).toThrow("load");
  for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "10"])
    expect(() => wrong("kms:a", give, { timeoutMs })).toThrow("timeoutMs");
});
