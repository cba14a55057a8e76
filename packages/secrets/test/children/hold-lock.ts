// Takes the lock of a file and keeps it. Prints `held`.
import { acquireLock } from "@symbiont/filestore";

async function main(): Promise<void> {
  await acquireLock(process.argv[2] ?? "");
  console.log("held");
  setInterval(() => undefined, 1_000);
}

void main();
