// Takes the lock of a file and prints `held`; on a line from outside it looks whether it still has it, prints
// `still held` or the code of the refusal, gives the lock back and prints `released`. On the line `exit` it
// leaves at once.
import { once } from "node:events";
import { acquireLock, FilestoreError } from "@symbiont/filestore";
import { say } from "./say.ts";

const [path = "", staleMs = "30000"] = process.argv.slice(2);

async function main(): Promise<void> {
  const lock = await acquireLock(path, { timeoutMs: 60_000, staleMs: Number(staleMs) });
  say("held");
  const [line] = (await once(process.stdin, "data")) as [Buffer];
  if (line.toString().trim() === "exit") process.exit();
  try {
    lock.assertHeld();
    say("still held");
  } catch (error) {
    say(FilestoreError.is(error) ? error.code : "unknown");
  }
  await lock.release();
  say("released");
  process.exit();
}

void main();
