#!/usr/bin/env node
import { EXIT } from "./program/exit-code.ts";
import { runCli } from "./run-cli.ts";

/** Runs the program, and leaves quietly when the reader of our output is gone: nothing more can be said. */
function main(): void {
  const { stdin, stdout, stderr, env, argv } = process;
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      process.exit(error.code === "EPIPE" ? EXIT.brokenPipe : EXIT.failed);
    });
  }
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      interrupt.abort();
      // What does not listen to the abort must still end at the second signal.
      process.once(signal, () => process.exit(EXIT.failed));
    });
  }
  void end(runCli(argv.slice(2), { stdin, stdout, stderr, env }, interrupt.signal));
}

/** Sets the exit code and lets the process end by itself, when everything is written. */
async function end(running: Promise<number>): Promise<void> {
  process.exitCode = await running.catch(() => EXIT.failed);
  const { stdin } = process;
  // A keyboard or a pipe that was read from would keep us waiting; a file has nothing to let go of.
  if (typeof stdin.unref === "function") stdin.unref();
}

main();
