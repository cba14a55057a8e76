import { OutputBuffer } from "./captured-output.ts";
import type { RunResult } from "./run-result.ts";

/** The outcome of a run that nobody wanted any more before it began. */
export function cancelledRun(): RunResult {
  const nothing = new OutputBuffer(0).captured();
  return {
    status: "cancelled",
    exitCode: null,
    signal: null,
    stdout: nothing,
    stderr: nothing,
    usage: { wallMs: 0 },
    survivors: 0,
  };
}
