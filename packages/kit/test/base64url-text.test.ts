import { decodeBase64UrlText, encodeBase64UrlText } from "@symbiont/kit";
import { expect, test } from "vitest";

const lengths = [0, 1, 2, 3, 2_729, 2_730, 2_731, 6_143, 6_144, 6_145, 8_192, 9_000];

test.each(["a", "é", "€", "😀", "\ufffd"])("text of %s is written and read at every length", (unit) => {
  for (const length of lengths) {
    const text = unit.repeat(Math.ceil(length / unit.length));
    const encoded = encodeBase64UrlText(text);
    expect(encoded === Buffer.from(text).toString("base64url")).toBe(true);
    expect(decodeBase64UrlText(encoded) === text).toBe(true);
  }
});

test("a short text after a long one has nothing of it", () => {
  encodeBase64UrlText("x".repeat(2_000));
  expect(encodeBase64UrlText("y")).toBe("eQ");
  decodeBase64UrlText("eHh4".repeat(500));
  expect(decodeBase64UrlText("eQ")).toBe("y");
});

test.each(["eR", "eHk=", "e+k", "e/k", "e k", "e", "eHkz\n", "gIA", "-_8", "7aCA"])(
  "%j is no text, whatever its length",
  (encoded) => {
    for (const before of ["", "eHh4".repeat(700), "eHh4".repeat(2_500)])
      expect(() => decodeBase64UrlText(before + encoded)).toThrow(
        expect.objectContaining({ code: "ENCODING_INVALID" }),
      );
  },
);
