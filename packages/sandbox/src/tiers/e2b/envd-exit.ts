import { constants } from "node:os";
import type { JsonValue } from "@symbiont/kit";
import type { GuestExit } from "../../run/guest-process.ts";

/** How the daemon words that a process was ended by a signal, by number: as the runtime it is written in does. */
const WORDS: readonly string[] = [
  "",
  "hangup",
  "interrupt",
  "quit",
  "illegal instruction",
  "trace/breakpoint trap",
  "aborted",
  "bus error",
  "floating point exception",
  "killed",
  "user defined signal 1",
  "segmentation fault",
  "user defined signal 2",
  "broken pipe",
  "alarm clock",
  "terminated",
  "stack fault",
  "child exited",
  "continued",
  "stopped (signal)",
  "stopped",
  "stopped (tty input)",
  "stopped (tty output)",
  "urgent I/O condition",
  "CPU time limit exceeded",
  "file size limit exceeded",
  "virtual timer expired",
  "profiling timer expired",
  "window changed",
  "I/O possible",
  "power failure",
  "bad system call",
];
const NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);
const MAX_CODE = 255;

/**
 * How a process ended, by the daemon's word. Members that have their default value are left out of it.
 * @throws RangeError for what is no end.
 */
export function exitOf({
  exitCode = 0,
  exited = false,
  status = "",
}: Readonly<Record<string, JsonValue>>): GuestExit {
  if (exited === true && Number.isInteger(exitCode) && Number(exitCode) >= 0 && Number(exitCode) <= MAX_CODE)
    return { exitCode: Number(exitCode), signal: null };
  const said =
    typeof status === "string" ? /^signal: (.{1,40}?)(?: \(core dumped\))?$/.exec(status)?.[1] : undefined;
  const number = /^signal \d{1,3}$/.test(said ?? "") ? Number(said?.slice(7)) : WORDS.indexOf(said ?? "?");
  const signal = NAMES.get(number);
  if (exited === true || signal === undefined) throw new RangeError("not the end of a process");
  return { exitCode: null, signal };
}
