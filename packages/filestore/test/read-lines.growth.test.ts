import { expect, test } from "vitest";
import { entriesOf, fileHolding } from "./lines.ts";

const SIZES = [500_000, 1_000_000, 2_000_000, 4_000_000];

/** Slope of log time over log size: 1 is linear, 2 is quadratic. */
async function growth(content: (size: number) => string): Promise<number> {
  const points: [number, number][] = [];
  for (const size of SIZES) {
    const path = fileHolding(content(size));
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round += 1) {
      const start = performance.now();
      await entriesOf(path, 8_000_000);
      best = Math.min(best, performance.now() - start);
    }
    points.push([Math.log(size), Math.log(best)]);
  }
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([size]) => size));
  const y = mean(points.map(([, time]) => time));
  const covariance = mean(points.map(([size, time]) => (size - x) * (time - y)));
  return covariance / mean(points.map(([size]) => (size - x) ** 2));
}

test.each([
  ["one endless line", (size: number) => "x".repeat(size)],
  ["one long line", (size: number) => `${"x".repeat(size)}\n`],
  ["only newlines", (size: number) => "\n".repeat(size / 8)],
  ["lines and a hole at the end", (size: number) => `${"xxxxxxx\n".repeat(size / 8)}\0`],
])("reading %s takes time in proportion", async (_what, content) => {
  expect(await growth(content)).toBeLessThan(1.6);
});
