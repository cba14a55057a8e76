import { expect, test } from "vitest";
import { killRound } from "./crash.ts";
import { withFolder } from "./temporary-folder.ts";

test("a writer killed with SIGKILL loses no acknowledged record, and every restart verifies", async () => {
  await withFolder(async (folder) => {
    let anchors: string[] = [];
    let total = 0;
    for (let round = 0; round < 5; round += 1) {
      const result = await killRound(folder, anchors);
      anchors = result.anchors;
      total += result.acknowledged;
    }
    expect(total).toBeGreaterThan(0);
  });
}, 90_000);
