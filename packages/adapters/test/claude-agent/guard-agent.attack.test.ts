import { anyArguments, guardAgent } from "@symbiont/adapters/claude-agent/v0";
import { expect, test } from "vitest";
import { openGate } from "../open-gate.ts";

test("the end of one conversation is not the end of another's calls", async () => {
  const { gate, records } = openGate();
  const guarded = await guardAgent({ gate, toolbox: "claude", tools: anyArguments(["Bash"]) });
  const fire = async (name: keyof typeof guarded.hooks, session: string, id: string) =>
    guarded.hooks[name][0]?.hooks[0]?.({
      session_id: session,
      tool_name: "Bash",
      tool_input: { command: "ls" },
      tool_use_id: id,
    });
  expect(await fire("PreToolUse", "s-1", "t-1")).toEqual({});
  expect(await fire("PreToolUse", "s-2", "t-2")).toEqual({});
  await fire("Stop", "s-2", "");
  await fire("SessionEnd", "s-3", "");
  expect(await fire("PostToolUse", "s-1", "t-1")).toEqual({});
  expect(records.map(({ outcome, data }) => [data?.["call"], outcome])).toEqual([
    ["s-1/t-1", "attempt"],
    ["s-2/t-2", "attempt"],
    ["s-2/t-2", "failure"],
    ["s-1/t-1", "success"],
  ]);
});
