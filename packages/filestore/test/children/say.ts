import { writeSync } from "node:fs";

/** Prints a line at once: what is in the pipe outlives the process. */
export function say(line: string): void {
  writeSync(1, `${line}\n`);
}
