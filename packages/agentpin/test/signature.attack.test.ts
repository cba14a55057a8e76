import { generateKeyPair, rawToDer } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { HEADER, judge, ORDER, partsOf, withSignature } from "./attack.ts";
import { rawToken, refused, said, World } from "./world.ts";

describe("6 a signature has one encoding", () => {
  test.each<[string, (raw: Uint8Array) => Uint8Array]>([
    ["a byte behind it", (raw) => Uint8Array.of(...rawToDer(raw), 0)],
    [
      "a length in long form",
      (raw) => {
        const der = rawToDer(raw);
        return Uint8Array.of(0x30, 0x81, ...der.subarray(1));
      },
    ],
    [
      "a needless leading zero",
      (raw) => {
        const s = raw.subarray(32);
        const r = [2, 34, 0, 0, ...raw.subarray(0, 32)];
        return Uint8Array.of(0x30, r.length + 35, ...r, 2, 33, 0, ...s);
      },
    ],
    ["r of zero", (raw) => Uint8Array.of(0x30, 3 + 35, 2, 1, 0, 2, 33, 0, ...raw.subarray(32))],
    [
      "s of the order",
      (raw) => {
        const n = Buffer.from(ORDER.toString(16), "hex");
        return Uint8Array.of(0x30, 70, 2, 33, 0, ...raw.subarray(0, 32), 2, 33, 0, ...n);
      },
    ],
    ["nothing in it", () => new Uint8Array()],
  ])("not with %s", async (_, encoded) => {
    const outcome = await judge((world) => {
      const { input, raw } = partsOf(world);
      return withSignature(input, encoded(raw));
    });
    expect(outcome).toMatch(/^5 SIGNATURE_INVALID /);
  });
});

test("7 both halves of s verify, and are the same credential", async () => {
  const world = new World();
  const { input, raw } = partsOf(world);
  const s = BigInt(`0x${Buffer.from(raw.subarray(32)).toString("hex")}`);
  const twin = Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex");
  const verifier = world.verifier({ replay: new MemoryReplayStore({ now: world.clock.now }) });
  const [low, high] = [rawToDer(raw), rawToDer(Uint8Array.of(...raw.subarray(0, 32), ...twin))];
  expect(said(await verifier.verify(withSignature(input, high)))).toBe("valid");
  expect(await verifier.verify(withSignature(input, low))).toEqual(refused("CREDENTIAL_REVOKED", "replayed"));
});

test("8 sixty-four zeros are no signature", async () => {
  const zeros = new Uint8Array(64);
  expect(await judge((world) => withSignature(partsOf(world).input, zeros))).toBe(
    "5 SIGNATURE_INVALID signature",
  );
});

test("9 what is critical and not understood refuses; keys that a token brings are not looked at", async () => {
  const claims = (world: World) => JSON.stringify(world.claims());
  const critical = HEADER.replace("}", ',"crit":["exp"],"exp":1}');
  expect(await judge((world) => rawToken(world.key, critical, claims(world)))).toBe(
    "1 ALGORITHM_REJECTED crit",
  );
  const attacker = generateKeyPair("ES256").privateKey;
  const own = HEADER.replace(
    "}",
    `,"jwk":${JSON.stringify(attacker.publicKey.toJwk())},"jku":"https://evil.example"}`,
  );
  expect(await judge((world) => rawToken(attacker, own, claims(world)))).toBe(
    "5 SIGNATURE_INVALID signature",
  );
});
