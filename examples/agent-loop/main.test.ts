import { expect, test } from "vitest";
import { main } from "./main.ts";

test("what the rules allow happens, and nothing else", async () => {
  const lines: string[] = [];
  await main((line) => lines.push(line));
  expect(lines).toEqual([
    'read_note {"name":"shopping"}: milk, bread',
    'read_note {"name":"secret"}: denied, deny.rule',
    'send_note {"name":"shopping","to":"kim@corp.example"}: sent shopping to kim@corp.example',
    'send_note {"name":"shopping","to":"eve@example.org"}: denied, default',
    'read_note {"name":"shopping","name":"secret"}: denied, args.duplicate_key',
    'run_shell {"command":"id"}: denied, GATE_TOOL_NOT_VERIFIED',
    "model: Kim has the shopping list. The rest I was not allowed to do.",
  ]);
});
