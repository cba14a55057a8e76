import { expect, test } from "vitest";
import { quickstart } from "./main.ts";

test("every expectation of the quickstart holds", async () => {
  const lines: string[] = [];
  await quickstart((held, what) => lines.push(`${held ? "ok" : "FAILED"} ${what}`));
  expect(lines.filter((line) => !line.startsWith("ok "))).toEqual([]);
  expect(lines.length).toBeGreaterThanOrEqual(15);
});
