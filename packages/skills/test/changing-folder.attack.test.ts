import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { SkillError } from "@symbiont/skills";
import { readSkillFolder } from "@symbiont/skills/folder";
import { expect, test } from "vitest";
import { skillFolder, temporaryFolder } from "./folders.ts";

/** Swaps two folders as fast as it can. */
const SWAP = `
const { renameSync } = require("node:fs");
const { workerData, parentPort } = require("node:worker_threads");
const { here, there, spare } = workerData;
for (let i = 0; i < 400; i += 1) {
  renameSync(here, spare); renameSync(there, here); renameSync(spare, there);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
parentPort.postMessage("done");
`;

test("a folder that is swapped for another while it is read is one of the two, or refused", async () => {
  const base = temporaryFolder();
  const [here, there, spare] = ["demo-skill", "other", "spare"].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ];
  const many = (text: string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}.txt`, text]));
  renameSync(skillFolder(many("one")), here);
  renameSync(skillFolder(many("two")), there);
  const allowed = new Set(
    await Promise.all([here, there].map(async (folder) => (await readSkillFolder(folder)).digest)),
  );

  const worker = new Worker(SWAP, { eval: true, workerData: { here, there, spare } });
  const state = { isDone: false };
  worker.once("message", () => {
    state.isDone = true;
  });
  const outcomes = new Set<string>();
  while (!state.isDone) {
    const outcome = await readSkillFolder(here).then(
      ({ digest }) => digest,
      (error: unknown) => (SkillError.is(error) ? error.code : String(error)),
    );
    outcomes.add(outcome);
  }
  for (const code of ["SKILL_CHANGED", "SKILL_FOLDER_INVALID"]) outcomes.delete(code);
  for (const outcome of outcomes) expect(allowed).toContain(outcome);
});

test("a file that grows while it is read refuses the folder", async () => {
  const folder = skillFolder({ "big.txt": "x".repeat(8 << 20) });
  let size = 8 << 20;
  const timer = setInterval(() => writeFileSync(join(folder, "big.txt"), "y".repeat((size += 1))), 0);
  try {
    await expect(
      (async () => {
        for (let attempt = 0; attempt < 50; attempt += 1) await readSkillFolder(folder);
      })(),
    ).rejects.toMatchObject({ code: "SKILL_CHANGED", retryable: true });
  } finally {
    clearInterval(timer);
  }
});
