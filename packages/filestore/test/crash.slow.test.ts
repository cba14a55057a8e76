import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleChild, type ChildScript } from "./children/start.ts";
import { type CrashTotals, crashAppends, crashReplaces } from "./crash-rounds.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const PARALLEL = 6;
const KILLS = 1200;

let replacing: ChildScript;
let appending: ChildScript;

beforeAll(async () => {
  [replacing, appending] = await Promise.all([bundleChild("replace-forever"), bundleChild("append-forever")]);
});
afterAll(() => {
  replacing.remove();
  appending.remove();
});

async function inParallel(run: (directory: string) => Promise<CrashTotals>): Promise<CrashTotals> {
  const directory = temporaryDirectory();
  const runs = await Promise.all(
    Array.from({ length: PARALLEL }, (_, index) => run(join(directory, String(index)))),
  );
  const sum = (pick: (totals: CrashTotals) => number): number =>
    runs.reduce((all, totals) => all + pick(totals), 0);
  return {
    kills: sum((totals) => totals.kills),
    acknowledged: sum((totals) => totals.acknowledged),
    remains: sum((totals) => totals.remains),
  };
}

test(`${KILLS} killed replacers leave whole, acknowledged generations`, async ({ annotate }) => {
  const totals = await inParallel((directory) => crashReplaces(replacing, directory, KILLS / PARALLEL));
  await annotate(JSON.stringify(totals));
  expect(totals.kills).toBe(KILLS);
  expect(totals.acknowledged).toBeGreaterThan(KILLS);
  expect(totals.remains).toBeGreaterThan(0);
});

test(`${KILLS} killed appenders lose no acknowledged line`, async ({ annotate }) => {
  const totals = await inParallel((directory) => crashAppends(appending, directory, KILLS / PARALLEL));
  await annotate(JSON.stringify(totals));
  expect(totals.kills).toBe(KILLS);
  expect(totals.acknowledged).toBeGreaterThan(KILLS);
  expect(totals.remains).toBeGreaterThan(0);
});
