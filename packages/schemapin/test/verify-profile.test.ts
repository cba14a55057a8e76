import { sha256, sign } from "@symbiont/keys";
import { encodeBase64 } from "@symbiont/kit";
import { canonicalize, type SchemaInput, verifySignature, verifySymbiontSchema } from "@symbiont/schemapin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { key } from "./fixtures.ts";

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const signedText = (text: string): string => encodeBase64(sign(key, sha256(text)));
const check = (schema: SchemaInput, signature: string, goSingle = false) =>
  verifySignature(schema, { signature, key: key.publicKey, goSingle });

describe("a signature of another implementation", () => {
  test.each<[string, string, string]>([
    ["javascript", '{"10":1,"9":2,"n":1.0}', '{"9":2,"10":1,"n":1}'],
    ["python", '{"10":1,"9":2,"n":1e-5}', '{"10":1,"9":2,"n":1e-05}'],
    ["rust", '{"10":1,"9":2,"n":0.00000123}', '{"10":1,"9":2,"n":1.23e-6}'],
    ["code-point", '{"10":1,"9":2}', '{"10":1,"9":2}'],
  ])("verifies, and is named: %s", (profile, schema, text) => {
    expect(check(schema, signedText(text)).profile).toBe(profile);
  });

  test("gives the same digest whatever its profile", () => {
    const schema = '{"10":1,"9":2}';
    const { digest } = check(schema, signedText('{"9":2,"10":1}'));
    expect(digest).toBe(check(schema, signedText(canonicalize(schema).text)).digest);
  });

  test("over numbers counts for text only: parsed data has lost how they were written", () => {
    const signature = signedText('{"n":1e-05}');
    expect(check('{"n":1e-5}', signature).profile).toBe("python");
    expect(() => check({ n: 1e-5 }, signature)).toThrow(refused("SCHEMAPIN_SIGNATURE_INVALID"));
    expect(check({ n: 1e-7 }, signedText('{"n":1e-7}')).profile).toBe("code-point");
  });

  test("over another number than the schema's does not count", () => {
    const signature = signedText('{"n":333333333.33333325}');
    expect(() => check('{"n":333333333.33333329}', signature)).toThrow(
      refused("SCHEMAPIN_SIGNATURE_INVALID"),
    );
  });

  test("hashed once counts only when asked for", () => {
    const signature = encodeBase64(sign(key, '{"d":"a\\u003cb\\u0008"}'));
    expect(() => check('{"d":"a<b\\b"}', signature)).toThrow(refused("SCHEMAPIN_SIGNATURE_INVALID"));
    expect(check('{"d":"a<b\\b"}', signature, true).profile).toBe("go-single");
    const newer = encodeBase64(sign(key, '{"d":"a\\u003cb\\b"}'));
    expect(check('{"d":"a<b\\b"}', newer, true).profile).toBe("go-single");
  });

  test("over anything but the schema never verifies, in any profile", () => {
    const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const schema = fc.dictionary(fc.string({ maxLength: 3 }), value, { maxKeys: 4 });
    fc.assert(
      fc.property(schema, schema, (one, other) => {
        const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
        fc.pre(!a.includes("__proto__") && !b.includes("__proto__"));
        fc.pre(canonicalize(a).text !== canonicalize(b).text);
        const signature = signedText(canonicalize(a).text);
        expect(() => check(b, signature, true)).toThrow(refused("SCHEMAPIN_SIGNATURE_INVALID"));
      }),
    );
  });
});

describe("Symbiont's own format", () => {
  const native = (payload: string, rest = payload): string =>
    rest.replace("{", `{"signature":${JSON.stringify(encodeBase64(sign(key, payload)))},`);
  const open = (schema: string) => verifySymbiontSchema(schema, key.publicKey);

  test("gives the digest of the schema without its signature", () => {
    expect(open(native('{"a":1,"b":2.0}'))).toEqual({
      digest: check('{"a":1,"b":2.0}', signedText('{"a":1,"b":2.0}')).digest,
      profile: "sorted",
    });
  });

  test("reads members in file order, the last one in the signature's place", () => {
    const signature = encodeBase64(sign(key, '{"z":1,"a":{"c":1,"b":2}}'));
    expect(open(`{"signature":"${signature}","a":{"c":1,"b":2},"z":1}`).profile).toBe("file-order");
    expect(open(`{"z":1,"a":{"c":1,"b":2},"signature":"${signature}"}`).profile).toBe("file-order");
  });

  test.each<[string, string, string]>([
    ["without a signature", '{"a":1}', "SCHEMAPIN_SIGNATURE_MISSING"],
    ["with a signature that is no text", '{"signature":1}', "SCHEMAPIN_SIGNATURE_MISSING"],
    ["with a signature that is no base64", '{"signature":"!"}', "SCHEMAPIN_SIGNATURE_INVALID"],
    ["over something else", native('{"a":1}', '{"a":2}'), "SCHEMAPIN_SIGNATURE_INVALID"],
    ["with integer-like names out of order", native('{"b":1,"2":1}'), "SCHEMAPIN_SIGNATURE_INVALID"],
    ["with a name twice", '{"signature":"a","signature":"b"}', "SCHEMAPIN_CANONICALIZATION_FAILED"],
    ["that is a list", "[]", "SCHEMAPIN_CANONICALIZATION_FAILED"],
  ])("%s is refused", (_, schema, code) => {
    expect(() => open(schema)).toThrow(refused(code));
  });
});
