import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { bash, type CompletionTree, fish, zsh } from "./scripts.ts";

const SHELLS = { bash, zsh, fish } as const;

/** `symbiont completion`. */
export function configure(completion: Command, run: Run): void {
  completion.argument("<shell>", "bash, zsh or fish");
  withAction(completion, run, async (_, task, shell = "") => {
    if (!Object.hasOwn(SHELLS, shell)) throw new UsageError("the shell must be bash, zsh or fish");
    const script = SHELLS[shell as keyof typeof SHELLS](treeOf(await run.wholeProgram()));
    await task.raw(task.json ? `${JSON.stringify({ shell, script })}\n` : script);
    return undefined;
  });
}

function treeOf(command: Command): CompletionTree {
  return {
    name: command.name(),
    summary: command.description(),
    options: command.options.flatMap(({ long }) => long ?? []),
    commands: command.commands.map(treeOf),
  };
}
