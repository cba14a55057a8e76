import { expect, test } from "vitest";
import { killRound } from "./crash.ts";
import { withFolder } from "./temporary-folder.ts";

const JOURNALS = 4;
const ROUNDS = 250;

test(`${JOURNALS * ROUNDS} writers killed at random moments lose no acknowledged record`, async () => {
  const totals = Array.from({ length: JOURNALS }, async () =>
    withFolder(async (folder) => {
      let anchors: string[] = [];
      let total = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const result = await killRound(folder, anchors);
        anchors = result.anchors;
        total += result.acknowledged;
      }
      return total;
    }),
  );
  for (const total of await Promise.all(totals)) expect(total).toBeGreaterThan(ROUNDS);
}, 5_400_000);
