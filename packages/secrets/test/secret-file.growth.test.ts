import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";
import { splitContainer } from "../src/file/internal/format/container.ts";
import type { Entry } from "../src/file/internal/format/entry.ts";
import { readHeader } from "../src/file/internal/format/header.ts";
import { readPayload, writePayload } from "../src/file/internal/format/payload.ts";
import { envEntries } from "../src/symbiont/formats/env-entries.ts";
import { jsonEntries } from "../src/symbiont/formats/json-entries.ts";

const LINEAR = 1.5;

function refused(run: () => unknown): void {
  expect(run).toThrow(expect.objectContaining({ name: "SecretError" }));
}

test("a payload costs linear time", () => {
  const payload = (size: number): Uint8Array => {
    const entries = Array.from({ length: size }, (_, index): [string, Entry] => {
      const name = `name-${index}`;
      const metadata = { name, version: 1, createdAt: 0, updatedAt: 0, previous: [] };
      return [
        name,
        { metadata, text: true, versions: [{ version: 1, salt: randomBytes(16), sealed: randomBytes(40) }] },
      ];
    });
    return writePayload(new Map(entries));
  };
  expect(growthExponent([500, 2_000, 8_000], payload, (bytes) => void readPayload(bytes))).toBeLessThan(
    LINEAR,
  );
});

test.each<[string, (size: number) => Uint8Array]>([
  ["newlines", (size) => Buffer.from(`secrets-store/1\n${"\n".repeat(size)}`)],
  ["no newline", (size) => Buffer.from(`secrets-store/1\n${"x".repeat(size)}`)],
  ["another first line", (size) => Buffer.from("secrets-store/".padEnd(size, "1"))],
])("a file of endless %s is refused in linear time", (_, build) => {
  const run = (bytes: Uint8Array): void => refused(() => splitContainer(bytes));
  expect(growthExponent([100_000, 400_000, 1_600_000], build, run)).toBeLessThan(LINEAR);
});

test("a header of endless brackets is refused in linear time", () => {
  const build = (size: number): Uint8Array => Buffer.from(`{"slots":${"[".repeat(size)}`);
  expect(
    growthExponent([10_000, 100_000, 900_000], build, (bytes) => refused(() => readHeader(bytes))),
  ).toBeLessThan(LINEAR);
});

test.each<[string, (size: number) => string]>([
  ["lines", (size) => "A=b\n".repeat(size)],
  ["white space", (size) => `A=${" ".repeat(size)}x y`],
  ["white space before a key", (size) => `${" ".repeat(size)}=`],
  ["export", (size) => `export${" ".repeat(size)}=`],
  ["a key", (size) => "A".repeat(size)],
  ["quotes", (size) => `A=${"'x'".repeat(size)}`],
  ["open quotes", (size) => `A="${"\n'".repeat(size)}`],
  ["substitutions", (size) => `A=${"$A".repeat(size)}`],
  ["open substitutions", (size) => `A=${"${".repeat(size)}`],
  ["escapes", (size) => `A=${"\\$".repeat(size)}`],
])("a dotenv file of endless %s costs linear time", (_, build) => {
  const run = (text: string): void => {
    try {
      envEntries(text, { environment: {} });
    } catch {
      // Refused, as some of these should be.
    }
  };
  expect(growthExponent([4_000, 16_000, 64_000], build, run)).toBeLessThan(LINEAR);
});

test("JSON of endless nesting or numbers costs linear time", () => {
  for (const unit of ["[", "1,", '{"a":']) {
    const run = (text: string): void => refused(() => jsonEntries(text));
    expect(growthExponent([10_000, 80_000, 640_000], (size) => unit.repeat(size), run)).toBeLessThan(LINEAR);
  }
});
