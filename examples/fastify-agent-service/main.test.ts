import { expect, test } from "vitest";
import { main } from "./main.ts";

test("a caller gets what its key and the rules allow, and no more", async () => {
  const lines: string[] = [];
  await main((line) => lines.push(line));
  expect(lines).toEqual([
    "nobody: 401",
    'clerk: {"total":40,"paid":false} | "default" | "default"',
    'manager: {"total":40,"paid":false} | "refunded 40 for A-1" | "default"',
    "payment: 204; forged: 401",
    'clerk, once more: {"total":40,"paid":true} | "GATE_RATE_LIMITED" | "GATE_RATE_LIMITED"',
    "health: 200",
  ]);
});
