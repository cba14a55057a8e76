import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import {
  generateKeyPair,
  HmacKey,
  hmacSha256,
  importPrivateKeyRaw,
  sha256,
  sign,
  verify,
} from "@symbiont/keys";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nobleEngine } from "../src/noble-engine.ts";
import { runtimeEngine } from "../src/runtime-engine.ts";

const secret = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => (bytes[0] ?? 0) < 255 && bytes.some(Boolean));
const algorithm = fc.constantFrom("ES256" as const, "Ed25519" as const);
const format = fc.constantFrom("der" as const, "raw" as const);
const message = fc.uint8Array({ maxLength: 300 });
const engine = fc.constantFrom("runtime" as const, "noble" as const);
const slow = { numRuns: 40 };

/** One small change to a byte string. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(80), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(80), byte: fc.nat(255) }),
  fc.record({ kind: fc.constant("remove" as const), at: fc.nat(80) }),
  fc.record({
    kind: fc.constant("set" as const),
    at: fc.nat(80),
    byte: fc.constantFrom(0, 1, 2, 0x30, 0x7f, 0x80, 0x81, 0xff),
  }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, change: Mutation): Uint8Array {
  const result = [...bytes];
  const at = change.at % (result.length + 1);
  if (change.kind === "flip")
    result[at % bytes.length] = (result[at % bytes.length] ?? 0) ^ (1 << change.bit);
  else if (change.kind === "insert") result.splice(at, 0, change.byte);
  else if (change.kind === "remove") result.splice(at, 1);
  else result[at % bytes.length] = change.byte;
  return Uint8Array.from(result);
}

describe("the two engines agree", () => {
  test("on the public key of a secret", () => {
    fc.assert(
      fc.property(algorithm, secret, (algorithm, secret) => {
        expect(runtimeEngine.publicKeyOf(algorithm, secret)).toEqual(
          nobleEngine.publicKeyOf(algorithm, secret),
        );
      }),
      slow,
    );
  });

  test("that what one signs is valid, and that another message is not", () => {
    fc.assert(
      fc.property(
        algorithm,
        secret,
        message,
        format,
        engine,
        (algorithm, secret, message, format, engine) => {
          const key = importPrivateKeyRaw(algorithm, secret);
          const signature = sign(key, message, { engine, format });
          for (const other of ["runtime", "noble"] as const) {
            expect(verify(key.publicKey, signature, message, { engine: other, format })).toBe(true);
            const longer = Uint8Array.of(...message, 0);
            expect(verify(key.publicKey, signature, longer, { engine: other, format })).toBe(false);
          }
        },
      ),
      slow,
    );
  });

  test("on a signature with a few bytes changed", () => {
    const changes = fc.array(mutation, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        algorithm,
        secret,
        message,
        format,
        changes,
        (algorithm, secret, message, format, changes) => {
          const key = importPrivateKeyRaw(algorithm, secret);
          const signature = sign(key, message, { format });
          const changed = changes.reduce(mutate, signature);
          const answer = verify(key.publicKey, changed, message, { engine: "runtime", format });
          expect(verify(key.publicKey, changed, message, { engine: "noble", format })).toBe(answer);
          // A change that cancels itself out is no change.
          expect(answer).toBe(Buffer.compare(changed, signature) === 0);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("on random bytes in place of a signature", () => {
    const { publicKey } = generateKeyPair("Ed25519");
    const ec = generateKeyPair("ES256").publicKey;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 60, maxLength: 74 }),
        format,
        engine,
        (signature, format, engine) => {
          expect(verify(publicKey, signature, "text", { engine })).toBe(false);
          expect(verify(ec, signature, "text", { engine, format })).toBe(false);
        },
      ),
      slow,
    );
  });

  test("on Ed25519 signatures byte for byte", () => {
    fc.assert(
      fc.property(secret, message, (secret, message) => {
        const key = importPrivateKeyRaw("Ed25519", secret);
        expect(sign(key, message, { engine: "runtime" })).toEqual(sign(key, message, { engine: "noble" }));
      }),
      slow,
    );
  });

  test("on digests and tags", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), message, (key, message) => {
        expect(sha256(message)).toEqual(nobleSha256(message));
        const tag = hmac(nobleSha256, key, message);
        expect(hmacSha256(key, message)).toEqual(tag);
        expect(hmacSha256(new HmacKey(key), message)).toEqual(tag);
      }),
    );
  });
});
