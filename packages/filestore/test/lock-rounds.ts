import { mkdirSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type ChildScript, startChild } from "./children/start.ts";

/** Makes a lock that nobody holds and nobody has renewed for two minutes. */
export function leaveStaleLock(path: string): void {
  const then = new Date(Date.now() - 120_000);
  mkdirSync(`${path}.lock`);
  utimesSync(`${path}.lock`, then, then);
}

/** Lets processes count up in one file, and looks whether an increment was lost. */
export async function countTogether(
  script: ChildScript,
  path: string,
  { processes, increments, staleMs }: { processes: number; increments: number; staleMs: number },
): Promise<void> {
  const before = numberIn(path);
  const children = Array.from({ length: processes }, () => startChild(script, path, increments, staleMs));
  for (const child of children) expect(await child.ended).toEqual({ code: 0, signal: null, stderr: "" });
  expect(numberIn(path) - before).toBe(processes * increments);
}

/** Lets processes go through many stale locks at once, and looks whether two were ever inside together. */
export async function overtakeTogether(
  script: ChildScript,
  directory: string,
  { processes, rounds }: { processes: number; rounds: number },
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) leaveStaleLock(join(directory, String(round)));
  const children = Array.from({ length: processes }, () => startChild(script, directory, rounds, 30_000));
  for (const child of children) {
    expect(await child.ended).toEqual({ code: 0, signal: null, stderr: "" });
    expect(child.lines).toEqual(["finished"]);
  }
  expect(readdirSync(directory)).toEqual([]);
}

/** The number in a file, 0 when there is none yet. */
export function numberIn(path: string): number {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return 0;
  }
}
