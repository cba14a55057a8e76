import { readFile } from "node:fs/promises";
import { Command, CommanderError } from "commander";
import { COMMANDS } from "./program/command-table.ts";
import { EXIT } from "./program/exit-code.ts";
import type { Run } from "./program/task.ts";
import { type Terminal, visible } from "./program/terminal.ts";
import { UsageError } from "./program/usage-error.ts";

/**
 * Runs one command line. Never rejects.
 *
 * @param argv what follows the program's name.
 * @param signal ends what runs until it is interrupted. Default never.
 * @returns the exit code: 0 done, 1 the answer is no, 2 wrong use, 3 input or environment that cannot be used.
 */
export async function runCli(
  argv: readonly string[],
  terminal: Terminal,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const run: Run = {
    terminal,
    signal,
    wholeProgram: async () => buildProgram("all", run),
    exitCode: EXIT.ok,
  };
  try {
    if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
      terminal.stdout.write(`${await version()}\n`);
      return EXIT.ok;
    }
    const program = await buildProgram(argv, run);
    await program.parseAsync(argv, { from: "user" });
    return run.exitCode;
  } catch (error) {
    return report(error, terminal, argv);
  }
}

async function version(): Promise<string> {
  const { parseJson } = await import("@symbiont/kit");
  const manifest = parseJson(await readFile(new URL(import.meta.resolve("@symbiont/cli/package.json"))));
  return String((manifest as { readonly version?: unknown }).version);
}

/** The whole command line; only the command that is used is loaded, or all of them with `"all"`. */
async function buildProgram(argv: readonly string[] | "all", run: Run): Promise<Command> {
  const program = new Command("symbiont")
    .description("The security layer of an AI agent, from a terminal.")
    .enablePositionalOptions()
    .option("-V, --version", "the version of the program")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void run.terminal.stdout.write(text),
      writeErr: (text) => void run.terminal.stderr.write(text),
      outputError: (text, write) => write(`${visible(text.trim())}\n`),
    })
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 the answer is no, 2 wrong use, 3 unusable input or environment.",
    )
    .showHelpAfterError("(symbiont help, or --help with any command)");
  const used = argv === "all" ? undefined : argv.find((word) => !word.startsWith("-"));
  const helped = used === "help" && argv !== "all" ? argv[argv.indexOf("help") + 1] : used;
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary);
    if (argv === "all" || name === helped) (await load()).configure(command, run);
    else command.action(() => undefined);
  }
  return program;
}

async function report(
  error: unknown,
  { stdout, stderr }: Terminal,
  argv: readonly string[],
): Promise<number> {
  const writeJson = (code: string, message: string): void => {
    if (argv.includes("--json"))
      stdout.write(`${JSON.stringify({ error: { code, message } }, undefined, 2)}\n`);
  };
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    writeJson("USAGE", error.message.replace(/^error: /, "")); // the text for people is out already
    return EXIT.usage;
  }
  const { code, message, exitCode } = await describe(error);
  writeJson(code, message);
  const shown = message.split("\n").map(visible).join("\n");
  stderr.write(`symbiont: ${shown}${code === "USAGE" ? "" : ` (${visible(code)})`}\n`);
  return exitCode;
}

async function describe(error: unknown): Promise<{ code: string; message: string; exitCode: number }> {
  if (error instanceof UsageError) return { code: "USAGE", message: error.message, exitCode: EXIT.usage };
  const { SymbiontError } = await import("@symbiont/kit"); // help must not wait for it
  if (SymbiontError.is(error)) return { code: error.code, message: error.message, exitCode: EXIT.failed };
  if (error instanceof TypeError || error instanceof RangeError)
    return { code: "USAGE", message: error.message, exitCode: EXIT.usage };
  const { code, message } = error as { code?: unknown; message?: unknown };
  const known = typeof code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : "FAILED";
  return { code: known, message: typeof message === "string" ? message : "it failed", exitCode: EXIT.failed };
}
