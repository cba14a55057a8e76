import { expect, test } from "vitest";
import { runChild } from "../../../scripts/testing/run-child.ts";

test("everything but three entries works where no builtin module exists", async () => {
  const preload = ["refuse-builtins.mjs"];
  expect(await runChild("agentpin", "web-entry.mjs", { preload })).toEqual([
    true,
    "signature",
    "RangeError",
    "agentpin-response",
  ]);
}, 60_000);
