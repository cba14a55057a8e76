import { generateKeyPair, type SignatureCheck, sign, verifyMany } from "@symbiont/keys";
import { describe, expect, test } from "vitest";

const es256 = generateKeyPair("ES256");
const ed25519 = generateKeyPair("Ed25519");

describe.each(["runtime", "noble"] as const)("verifyMany on the %s engine", (engine) => {
  const count = engine === "runtime" ? 150 : 6;

  test("answers in the order of the checks", async () => {
    const checks = Array.from({ length: count }, (_, index): SignatureCheck => {
      const { privateKey, publicKey } = index % 3 === 0 ? ed25519 : es256;
      const format = index % 2 === 0 ? "raw" : "der";
      const signature = sign(privateKey, `text ${index}`, { format });
      return { key: publicKey, signature, data: index % 5 === 0 ? "other" : `text ${index}`, format };
    });
    const expected = checks.map((_, index) => index % 5 !== 0);
    expect(await verifyMany(checks, { engine })).toEqual(expected);
  });

  test("answers false for what is malformed", async () => {
    const signature = sign(es256.privateKey, "text");
    const key = es256.publicKey;
    const checks = [
      { key, signature: new Uint8Array(), data: "text" },
      { key, signature: "text" as never, data: "text" },
      { key, signature, data: "\udfff" },
      { key, signature, data: "text", format: "raw" as const },
      { key, signature, data: "text" },
    ];
    expect(await verifyMany(checks, { engine })).toEqual([false, false, false, false, true]);
  });

  test("has an answer for nothing", async () => {
    expect(await verifyMany([], { engine })).toEqual([]);
  });

  test("judges a check in flight by the bytes it was given", async () => {
    const data = new TextEncoder().encode("text");
    const signature = sign(es256.privateKey, data);
    const answers = verifyMany([{ key: es256.publicKey, signature, data }], { engine });
    data.fill(0);
    signature.fill(0);
    expect(await answers).toEqual([true]);
  });

  test("rejects on a wrong option", async () => {
    const check = { key: es256.publicKey, signature: new Uint8Array(), data: "", format: "jws" };
    await expect(verifyMany([check as never], { engine })).rejects.toThrow(TypeError);
    await expect(verifyMany([], { engine: "none" as never })).rejects.toThrow(TypeError);
  });
});
