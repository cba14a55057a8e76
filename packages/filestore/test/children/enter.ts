// Goes through the locks of many files; in each, nobody else may be inside. Prints `double` when somebody is.
import { closeSync, openSync, unlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "@symbiont/filestore";
import { say } from "./say.ts";

const [directory = "", rounds = "0", staleMs = "30000"] = process.argv.slice(2);

async function main(): Promise<void> {
  for (let round = 0; round < Number(rounds); round += 1) {
    const path = `${directory}/${round}`;
    await withLock(path, () => alone(`${path}.inside`), { timeoutMs: 120_000, staleMs: Number(staleMs) });
  }
  say("finished");
}

async function alone(marker: string): Promise<void> {
  try {
    closeSync(openSync(marker, "wx"));
  } catch {
    say("double");
    return;
  }
  await sleep(2 * Math.random());
  unlinkSync(marker);
}

void main();
