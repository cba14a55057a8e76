import { expect, test } from "vitest";
import { main } from "./main.ts";

test("the model sees what was approved, and does what the rules allow", async () => {
  const lines: string[] = [];
  await main((line) => lines.push(line));
  expect(lines).toEqual([
    "the operator has approved 13 tools",
    "the model sees 13; move_file among them: false",
    "read notes.txt: the moon is made of rock",
    "read secret.txt: denied, deny.rule",
    "write new.txt: denied, GATE_APPROVAL_UNAVAILABLE",
    "move_file: denied, GATE_TOOL_NOT_VERIFIED",
    "read without a path: denied, args.schema",
  ]);
});
