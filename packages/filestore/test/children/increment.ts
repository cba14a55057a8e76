// Adds 1 to the number in a file, many times. Prints `done <n>` for each, `finished` at the end.
import { type PrivateFile, updateFile } from "@symbiont/filestore";
import { say } from "./say.ts";

const [path = "", times = "0", staleMs = "30000"] = process.argv.slice(2);

function plusOne(current: PrivateFile | undefined): Uint8Array {
  const number = current === undefined ? 0 : Number(new TextDecoder().decode(current.bytes));
  return new TextEncoder().encode(String(number + 1));
}

async function main(): Promise<void> {
  for (let count = 1; count <= Number(times); count += 1) {
    await updateFile(path, plusOne, { maxBytes: 100, timeoutMs: 120_000, staleMs: Number(staleMs) });
    say(`done ${count}`);
  }
  say("finished");
}

void main();
