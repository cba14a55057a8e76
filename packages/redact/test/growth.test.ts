import { createRedactor, isSensitiveName } from "@symbiont/redact";
import { expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";

const redactor = createRedactor({ personalData: true, maxTextLength: 4_194_304 });
redactor.register("aaaaaaaaaaaaaaaaaaaaaaab");
const sizes = [16_384, 32_768, 65_536, 131_072];

const units = [
  "sk-",
  "xsk-",
  "eyJ",
  "eyJa.",
  "eyJ-eyJ.",
  "-----BEGIN PRIVATE KEY-----.",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN ",
  "password=",
  'password="',
  'password:\\"a\\",',
  'password:\\"',
  "password: [",
  "password: \\",
  "cookie:",
  "://a:b",
  "a://b:c/",
  "token ",
  "--token ",
  "Bearer aaaaaaaaaaa ",
  "a@a.",
  "a@",
  "1-",
  "1 (",
  "_aaaaaaaaaaaa.",
  "s.aaaaaaaaaaaaaaaaaaaaaaaaa",
  "aaaa",
  ":",
  "= ",
  "{",
  '{"a":',
  "aB",
  "\\",
  '"',
  " ",
  "1",
  "1=",
  '1":',
  "1_",
  "_e=",
  "sk-a.",
];

test.each(units)("time grows with the text made of %j", (unit) => {
  const build = (size: number): string => unit.repeat(Math.ceil(size / unit.length));
  expect(growthExponent(sizes, build, (text) => void redactor.redactText(text))).toBeLessThan(1.5);
});

test.each(["aB", "a_", "A", "ａ", "password"])("time grows with the name made of %j", (unit) => {
  const build = (size: number): string => unit.repeat(Math.ceil(size / unit.length));
  expect(growthExponent(sizes, build, (name) => void isSensitiveName(name))).toBeLessThan(1.5);
});
