import { format, inspect } from "node:util";
import { serialize } from "node:v8";
import { PlainValue, Secret, SecretError, type SecretValue } from "@symbiont/secrets";
import { describe, expect, test } from "vitest";

const CANARY = "c4n4ry-v4lue";

function secretOf(text: string, name = "db/password"): Secret {
  return new Secret(name, 3, new PlainValue(new TextEncoder().encode(text)));
}

describe("a secret does not show itself", () => {
  const secret = secretOf(CANARY);
  // What a program in plain JavaScript does without noticing.
  const text = secret as unknown as string;

  test.each([
    ["a template string", () => `secret: ${text}`],
    ["concatenation", () => ["secret: ", text].join("")],
    ["JSON", () => JSON.stringify({ secret, list: [secret] })],
    ["inspect", () => inspect({ secret }, { depth: 9, showHidden: true, getters: true })],
    ["inspect without custom inspection", () => inspect(secret, { customInspect: false, showHidden: true })],
    ["format %s %o %O %j", () => format("%s %o %O %j", secret, secret, secret, secret)],
    ["spreading", () => JSON.stringify(Object.assign({}, secret))],
    ["structuredClone", () => inspect(structuredClone(secret))],
    ["v8.serialize", () => Buffer.from(serialize(secret)).toString("latin1")],
    ["Object.entries", () => inspect(Object.entries(secret))],
    ["property descriptors", () => inspect(Object.getOwnPropertyDescriptors(secret))],
    ["the message of an error about it", () => new Error(`failed: ${text}`).message],
  ])("in %s", (_, show) => {
    expect(show()).not.toContain(CANARY);
  });

  test("and is not a number", () => {
    expect(() => Number(secret)).toThrow(TypeError);
    expect(() => (secret as unknown as number) * 2).toThrow(TypeError);
  });

  test("and says which one it is", () => {
    expect([secret.name, secret.version, secret.toString()]).toEqual(["db/password", 3, "[REDACTED]"]);
  });

  test("and cannot be given another name", () => {
    expect(() => Object.assign(secret, { name: "other" })).toThrow(TypeError);
  });
});

describe("a secret is lent", () => {
  test("use lends a copy and zeroes it when it is done", async () => {
    const secret = secretOf("value");
    let kept = new Uint8Array();
    const length = await secret.use(async (bytes) => {
      kept = bytes as Uint8Array<ArrayBuffer>;
      await Promise.resolve();
      expect(new TextDecoder().decode(bytes)).toBe("value");
      return bytes.length;
    });
    expect(length).toBe(5);
    expect([...kept]).toEqual([0, 0, 0, 0, 0]);
    expect(secret.expose()).toBe("value");
  });

  test("use zeroes the copy when the user throws", async () => {
    let kept: Uint8Array = new Uint8Array();
    const work = secretOf("value").use((bytes) => {
      kept = bytes;
      throw new Error("user's own");
    });
    await expect(work).rejects.toThrow("user's own");
    expect([...kept]).toEqual([0, 0, 0, 0, 0]);
  });

  test("what is exposed has memory of its own and leaves the secret alone", () => {
    const secret = secretOf("value");
    const bytes = secret.exposeBytes();
    expect(bytes.buffer.byteLength).toBe(5);
    bytes.fill(0);
    expect(secret.expose()).toBe("value");
  });

  test("the bytes it was made of are zeroed", () => {
    const bytes = new TextEncoder().encode("value");
    expect(new Secret("a", 1, new PlainValue(bytes)).expose()).toBe("value");
    expect([...bytes]).toEqual([0, 0, 0, 0, 0]);
  });

  test("bytes that are no text are exposed as bytes only", () => {
    const secret = new Secret("a", 1, new PlainValue(Uint8Array.of(0xff, 0xfe)));
    expect(() => secret.expose()).toThrow(expect.objectContaining({ code: "SECRET_VALUE_INVALID" }) as Error);
    expect([...secret.exposeBytes()]).toEqual([0xff, 0xfe]);
  });

  test("secrets are compared by value, whatever their lengths", () => {
    expect(secretOf("same").equals(secretOf("same", "other"))).toBe(true);
    expect(secretOf("same").equals(secretOf("same but longer"))).toBe(false);
    expect(secretOf("same").equals(new TextEncoder().encode("same"))).toBe(true);
    expect(secretOf("").equals(new Uint8Array())).toBe(true);
  });
});

describe("a disposed secret", () => {
  test("lends nothing, and its bytes are zeroed", async () => {
    const value = new (class implements SecretValue {
      readonly bytes = Uint8Array.of(1, 2, 3);
      copy(): Uint8Array<ArrayBuffer> {
        return this.bytes.slice();
      }
      dispose(): void {
        this.bytes.fill(0);
      }
    })();
    const secret = new Secret("a", 1, value);
    secret[Symbol.dispose]();
    secret.dispose();
    expect([...value.bytes]).toEqual([0, 0, 0]);
    for (const work of [
      () => secret.expose(),
      () => secret.exposeBytes(),
      () => secret.equals(Uint8Array.of()),
    ])
      expect(work).toThrow(expect.objectContaining({ code: "SECRET_CLOSED", secret: "a" }) as Error);
    await expect(secret.use(() => 1)).rejects.toSatisfy(SecretError.is.bind(SecretError));
  });
});
