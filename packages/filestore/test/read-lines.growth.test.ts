import { expect, test } from "vitest";
import { growthExponentAsync } from "../../../scripts/testing/growth.ts";
import { entriesOf, fileHolding } from "./lines.ts";

const SIZES = [500_000, 1_000_000, 2_000_000, 4_000_000];

test.each([
  ["one endless line", (size: number) => "x".repeat(size)],
  ["one long line", (size: number) => `${"x".repeat(size)}\n`],
  ["only newlines", (size: number) => "\n".repeat(size / 8)],
  ["lines and a hole at the end", (size: number) => `${"xxxxxxx\n".repeat(size / 8)}\0`],
])(
  "reading %s takes time in proportion",
  async (_what, content) => {
    const exponent = await growthExponentAsync(
      SIZES,
      (size) => fileHolding(content(size)),
      async (path) => entriesOf(path, 8_000_000),
    );
    expect(exponent).toBeLessThan(1.5);
  },
  120_000,
);
