import { expect, test } from "vitest";
import { main } from "./main.ts";

test("a person is asked before mail goes out, and the rules hold whoever is asked", async () => {
  const lines: string[] = [];
  await main((line) => lines.push(line));
  expect(lines).toEqual([
    'read_mail: "From kim@corp.example: when do we meet?"',
    'a person is asked about send_mail {"to":"kim@corp.example","body":"At noon."}',
    "sent until then: 0",
    'send_mail: "sent"',
    "model: Kim knows that we meet at noon.",
    'send_mail: {"denied":true,"code":"deny.rule","reason":"denied by rule mail#3","retryable":false}',
    "model: I may not write to Eve.",
    "sent: kim@corp.example: At noon.",
  ]);
});
