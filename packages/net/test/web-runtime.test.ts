import { expect, test } from "vitest";
import { runChild } from "../../../scripts/testing/run-child.ts";

test("the main entry works where no builtin module exists", async () => {
  expect(await runChild("net", "web-entry.mjs", { preload: ["refuse-builtins.mjs"] })).toEqual([
    "2001:db8::/56",
    "1.2.3.4",
    "loopback",
    "NET_IP_NOT_PUBLIC",
  ]);
});

test("the guarded fetch needs Node, which proves that the refusal above is real", async () => {
  await expect(runChild("net", "fetch-once.mjs", { preload: ["refuse-builtins.mjs"] })).rejects.toThrow(
    "refused node:",
  );
});
