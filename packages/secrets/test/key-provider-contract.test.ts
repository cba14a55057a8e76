import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import {
  type KeyMaterial,
  type LocalKeyProvider,
  SecretError,
  type WrappedKey,
  type WrappingKeyProvider,
} from "@symbiont/secrets";
import { type KeyProviderSetup, keyProviderContract } from "@symbiont/secrets/testing";
import { describe, expect, test } from "vitest";

const TOKEN = "hvs.a-token-of-the-service";
const key = (): Uint8Array => Uint8Array.from({ length: 32 }, (_, index) => 77 + index);

/** Names of the promises that a provider breaks. */
async function broken(setup: KeyProviderSetup): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, run } of keyProviderContract(setup)) await run().catch(() => names.push(name));
  return names;
}

function assertNotAborted({ signal }: { readonly signal?: AbortSignal }): void {
  if (signal?.aborted === true) throw new SecretError("SECRET_ABORTED", "aborted");
}

describe("of a local provider", () => {
  const good: LocalKeyProvider = {
    type: "local",
    id: "good",
    load: async (request) => {
      assertNotAborted(request);
      return { kind: "raw", key: key() };
    },
  };
  const loading = (load: LocalKeyProvider["load"]): LocalKeyProvider => ({ ...good, load });
  const invalid = (message: string): SecretError => new SecretError("SECRET_KEY_INVALID", message);
  const setup = (provider: LocalKeyProvider, more: object = {}): KeyProviderSetup => ({
    type: "local",
    open: async () => provider,
    openMissing: async () => loading(async () => undefined),
    openInvalid: async () => loading(async () => Promise.reject(invalid("no key"))),
    secrets: ["the-wrong-key"],
    ...more,
  });

  test("a good one keeps every promise", async () => {
    expect(await broken(setup(good))).toEqual([]);
  });

  const cached: KeyMaterial = { kind: "raw", key: key() };
  let count = 0;
  test.each<[string, LocalKeyProvider]>([
    ["gives 31 bytes", loading(async () => ({ kind: "raw", key: key().subarray(1) }))],
    ["gives an empty passphrase", loading(async () => ({ kind: "passphrase", passphrase: "" }))],
    ["gives no key", loading(async () => undefined)],
    ["gives the same buffer every time", loading(async () => cached)],
    [
      "gives another key every time",
      loading(async () => ({ kind: "raw", key: key().fill((count += 1), 5) })),
    ],
    ["ignores an abort", loading(async () => ({ kind: "raw", key: key() }))],
    ["shows its key", { ...good, cached: Buffer.from(key()) } as LocalKeyProvider],
    ["shows its key as hexadecimal", { ...good, id: `env:${Buffer.from(key()).toString("hex")}` }],
    ["has an id that is not printable", { ...good, id: "good\n" }],
  ])("one that %s does not pass", async (_, provider) => {
    expect(await broken(setup(provider))).not.toEqual([]);
  });

  const silent = async (error: SecretError): Promise<LocalKeyProvider> =>
    loading(({ signal }) => {
      const { promise, reject } = withReject<never>();
      setTimeout(reject, 5, error);
      signal?.addEventListener("abort", () => reject(new SecretError("SECRET_ABORTED", "aborted")));
      return promise;
    });
  test.each<[string, object]>([
    [
      "throws for a missing key",
      { openMissing: async () => loading(async () => Promise.reject(invalid("?"))) },
    ],
    ["gives null for a missing key", { openMissing: async () => loading(async () => null as never) }],
    ["accepts a wrong key", { openInvalid: async () => good }],
    [
      "throws what is no SecretError",
      { openInvalid: async () => loading(async () => Promise.reject(new Error())) },
    ],
    [
      "shows a wrong key",
      { openInvalid: async () => loading(async () => Promise.reject(invalid("it is the-wrong-key"))) },
    ],
    [
      "shows a wrong key in the cause",
      {
        openInvalid: async () =>
          loading(async () =>
            Promise.reject(
              new SecretError("SECRET_KEY_INVALID", "?", { cause: new Error("it is the-wrong-key") }),
            ),
          ),
      },
    ],
    ["times out with another code", { openSilent: () => silent(invalid("too late")) }],
  ])("one that %s does not pass", async (_, more) => {
    expect(await broken(setup(good, more))).not.toEqual([]);
  });

  test("one that waits for no longer than it should passes", async () => {
    const openSilent = (): Promise<LocalKeyProvider> =>
      silent(new SecretError("SECRET_TIMED_OUT", "no answer"));
    expect(await broken(setup(good, { openSilent }))).toEqual([]);
  });
});

describe("of a wrapping provider", () => {
  const wrappingKey = randomBytes(32);
  const reference = { provider: "service", mount: "transit", key: "agents" };
  const good: WrappingKeyProvider = {
    type: "wrapping",
    id: "service:transit/agents",
    wrap: async (rootKey, request) => {
      assertNotAborted(request);
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", wrappingKey, nonce, { authTagLength: 16 });
      const sealed = Buffer.concat([nonce, cipher.update(rootKey), cipher.final(), cipher.getAuthTag()]);
      return { reference, ciphertext: `v1:${sealed.toString("base64")}` };
    },
    unwrap: async ({ reference: other, ciphertext }, request) => {
      assertNotAborted(request);
      if (JSON.stringify(other) !== JSON.stringify(reference)) return undefined;
      const sealed = Buffer.from(ciphertext.slice(3), "base64");
      const decipher = createDecipheriv("aes-256-gcm", wrappingKey, sealed.subarray(0, 12), {
        authTagLength: 16,
      }).setAuthTag(sealed.subarray(-16));
      try {
        return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]));
      } catch {
        throw new SecretError("SECRET_WRONG_KEY", "refused");
      }
    },
  };
  const rewrapping: WrappingKeyProvider = {
    ...good,
    rewrap: async (wrapped, request) =>
      good.wrap((await good.unwrap(wrapped, request)) as Uint8Array, request),
  };
  const setup = (provider: WrappingKeyProvider, more: object = {}): KeyProviderSetup => ({
    type: "wrapping",
    open: async () => provider,
    damage: (ciphertext) => ciphertext.replace(/.(?=.{30}$)/, (char) => (char === "A" ? "B" : "A")),
    secrets: [TOKEN],
    ...more,
  });
  const wrapping = (
    change: (wrapped: WrappedKey, rootKey: Uint8Array) => WrappedKey,
  ): WrappingKeyProvider => ({
    ...good,
    wrap: async (rootKey, request) => change(await good.wrap(rootKey, request), rootKey),
  });

  test("a good one keeps every promise, with and without rewrap", async () => {
    expect(await broken(setup(good))).toEqual([]);
    expect(await broken(setup(rewrapping))).toEqual([]);
  });

  const opened = key();
  test.each<[string, WrappingKeyProvider]>([
    ["shows its token", { ...good, token: TOKEN } as WrappingKeyProvider],
    [
      "puts a token into the reference",
      wrapping((wrapped) => ({ ...wrapped, reference: { ...reference, key: TOKEN } })),
    ],
    [
      "has an empty reference",
      wrapping((wrapped) => ({ ...wrapped, reference: { ...reference, mount: "" } })),
    ],
    [
      "does not wrap",
      wrapping((wrapped, root) => ({ ...wrapped, ciphertext: Buffer.from(root).toString("base64") })),
    ],
    [
      "gives a ciphertext that is too long",
      wrapping((wrapped) => ({ ...wrapped, ciphertext: "x".repeat(4097) })),
    ],
    [
      "keeps the root key that is lent",
      { ...good, wrap: async (rootKey, request) => good.wrap(rootKey.fill(0), request) },
    ],
    ["opens everything as the same key", { ...good, unwrap: async () => opened }],
    [
      "opens the key of another",
      { ...good, unwrap: (wrapped, request) => good.unwrap({ ...wrapped, reference }, request) },
    ],
    [
      "throws for the key of another",
      { ...good, unwrap: async () => Promise.reject(new SecretError("SECRET_WRONG_KEY", "?")) },
    ],
    ["rewraps to another key", { ...good, rewrap: (_, request) => good.wrap(key(), request) }],
    ["ignores an abort", { ...good, unwrap: (wrapped) => good.unwrap(wrapped, { storeId: "" }) }],
  ])("one that %s does not pass", async (_, provider) => {
    expect(await broken(setup(provider))).not.toEqual([]);
  });
});

function withReject<T>(): { readonly promise: Promise<T>; readonly reject: (error: Error) => void } {
  let reject: ((error: Error) => void) | undefined;
  const promise = new Promise<T>((_, no) => {
    reject = no;
  });
  return { promise, reject: (error) => reject?.(error) };
}
