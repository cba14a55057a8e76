import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readLines, readPrivateFile } from "@symbiont/filestore";
import { expect } from "vitest";
import { generationContent, numberOf } from "./children/generation-content.ts";
import { numberOfLine } from "./children/numbered-line.ts";
import { type Child, type ChildScript, startChild } from "./children/start.ts";

/** What a series of kills came to. */
export interface CrashTotals {
  kills: number;
  acknowledged: number;
  /** Temporary files, or torn tails, that killed writers left. */
  remains: number;
}

/** Kills writers of one file again and again; after each kill one whole acknowledged generation is there. */
export async function crashReplaces(
  script: ChildScript,
  directory: string,
  rounds: number,
): Promise<CrashTotals> {
  mkdirSync(directory, { mode: 0o700 });
  const path = join(directory, "file");
  writeFileSync(path, generationContent(0, 100), { mode: 0o600 });
  const totals = { kills: 0, acknowledged: 0, remains: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const before = numberOf((await readPrivateFile(path, { maxBytes: 1_000_000 })).bytes);
    const child = startChild(script, path, round % 2 === 0 ? 0 : 60);
    const acknowledged = (await killedAtRandom(child)) ?? before;
    const found = numberOf((await readPrivateFile(path, { maxBytes: 1_000_000 })).bytes);
    // One replace may have been on its way: visible or not, but whole.
    expect(found - acknowledged).toBeGreaterThanOrEqual(0);
    expect(found - acknowledged).toBeLessThanOrEqual(1);
    totals.kills += 1;
    totals.acknowledged += acknowledged - before;
  }
  const names = readdirSync(directory).filter((name) => name !== "file");
  for (const name of names) expect(name).toMatch(/^\.file\.\d+\.[0-9a-f]{16}\.tmp$/);
  totals.remains = names.length;
  expect(totals.remains).toBeLessThanOrEqual(rounds);
  return totals;
}

/** Kills writers of one append file again and again; after each kill every acknowledged line is there. */
export async function crashAppends(
  script: ChildScript,
  directory: string,
  rounds: number,
): Promise<CrashTotals> {
  mkdirSync(join(directory, "quarantine"), { recursive: true, mode: 0o700 });
  const path = join(directory, "log");
  writeFileSync(path, "", { mode: 0o600 });
  const totals = { kills: 0, acknowledged: 0, remains: 0 };
  let from = 0;
  let last = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = last;
    const dieOneIn = round % 2 === 0 ? 0 : 8;
    const child = startChild(script, path, from, join(directory, "quarantine"), dieOneIn);
    const acknowledged = (await killedAtRandom(child)) ?? before;
    let lastLine = from;
    let torn = 0;
    for await (const entry of readLines(path, { maxLineBytes: 10_000, from })) {
      if (entry.kind === "torn") torn += 1;
      else {
        // The line read again from the last round keeps the count going.
        const number = numberOfLine(entry.bytes);
        if (entry.offset !== from || round === 0) expect(number).toBe(last + 1);
        else expect(number).toBe(last);
        last = number;
        lastLine = entry.offset;
      }
    }
    expect(last).toBeGreaterThanOrEqual(acknowledged);
    from = lastLine;
    totals.kills += 1;
    totals.acknowledged += acknowledged - before;
    totals.remains += torn;
  }
  return totals;
}

/** Lets a child work for a moment, kills it, and tells what it acknowledged last. */
async function killedAtRandom(child: Child): Promise<number | undefined> {
  await child.printed("done").catch(() => undefined);
  await Promise.race([sleep(Math.random() * 25), child.ended]);
  child.process.kill("SIGKILL");
  const end = await child.ended;
  expect(end).toEqual({ code: null, signal: "SIGKILL", stderr: "" });
  const line = child.lines.at(-1);
  return line === undefined ? undefined : Number(line.split(" ")[1]);
}
