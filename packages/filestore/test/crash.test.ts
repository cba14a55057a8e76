import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleChild, type ChildScript } from "./children/start.ts";
import { crashAppends, crashReplaces } from "./crash-rounds.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

let replacing: ChildScript;
let appending: ChildScript;

beforeAll(async () => {
  [replacing, appending] = await Promise.all([bundleChild("replace-forever"), bundleChild("append-forever")]);
});
afterAll(() => {
  replacing.remove();
  appending.remove();
});

test("a writer killed at any moment leaves a whole, acknowledged generation", async () => {
  const totals = await crashReplaces(replacing, join(temporaryDirectory(), "replace"), 12);
  expect(totals.kills).toBe(12);
});

test("a writer killed at any moment has lost no acknowledged line", async () => {
  const totals = await crashAppends(appending, join(temporaryDirectory(), "append"), 12);
  expect(totals.kills).toBe(12);
});
