import { once } from "node:events";
import type { JsonValue } from "@symbiont/kit";
import { type Command, Option } from "commander";
import { EXIT } from "./exit-code.ts";
import { formatLine, type Line, type Terminal, wantsColour } from "./terminal.ts";

/** What a command came to. */
export interface Answer {
  /** For `--json`; absent when it has been written already. */
  readonly data?: JsonValue;
  /** For people. */
  readonly lines: readonly Line[];
  /** Set when the answer is no: exit code 1. */
  readonly no?: boolean;
}

/** What a command works with besides its options. */
export interface Task {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Ends when the command is interrupted. */
  readonly signal: AbortSignal;
  /** Writes bytes or text to standard output as they are: for files, not for people. */
  raw(content: string | Uint8Array): Promise<void>;
  /** Writes one line for people to standard output now, or one JSON document a line with `--json`. */
  line(line: Line, data: JsonValue): Promise<void>;
  /** Writes one line for people to standard error now. */
  note(line: Line): void;
}

/** What a command does. Gives nothing when everything has been written already. */
export type Action<Options> = (
  options: Options,
  task: Task,
  ...operands: readonly string[]
) => Promise<Answer | undefined>;

/** Remembers what the command that ran came to; shared by all commands of one run. */
export interface Run {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Every command with all of its options, for what is told about them. */
  readonly wholeProgram: () => Promise<Command>;
  exitCode: number;
}

/** Gives a command its action and the option `--json`. */
export function withAction<Options>(command: Command, run: Run, action: Action<Options>): Command {
  command.addOption(new Option("--json", "write JSON instead of text"));
  command.action(async (...given: unknown[]) => {
    const options = command.opts<Options & { readonly json?: boolean }>();
    const operands = given.slice(0, -2).flat() as string[];
    const json = options.json === true;
    const task = createTask(run, json);
    const answer = await action(options, task, ...operands);
    if (answer === undefined) return;
    const { data, lines, no = false } = answer;
    run.exitCode = no ? EXIT.no : EXIT.ok;
    if (json && data === undefined) return;
    if (json) await task.raw(`${JSON.stringify(data, undefined, 2)}\n`);
    else {
      const colour = wantsColour(run.terminal);
      await task.raw(lines.map((line) => `${formatLine(line, colour)}\n`).join(""));
    }
  });
  return command;
}

function createTask({ terminal, signal }: Run, json: boolean): Task {
  const { stdout, stderr } = terminal;
  const raw = async (content: string | Uint8Array): Promise<void> => {
    if (content.length > 0 && !stdout.write(content) && !stdout.destroyed) await once(stdout, "drain");
  };
  return {
    terminal,
    json,
    signal,
    raw,
    line: async (line, data) =>
      raw(json ? `${JSON.stringify(data)}\n` : `${formatLine(line, wantsColour(terminal))}\n`),
    note: (line) => void stderr.write(`${formatLine(line, false)}\n`),
  };
}
