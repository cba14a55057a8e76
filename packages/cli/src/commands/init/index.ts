import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { initialize } from "./initialize.ts";

/** `symbiont init`. */
export function configure(init: Command, run: Run): void {
  init
    .argument("[folder]", "where", ".")
    .option("--agent <id>", "the agent's id", "my-agent")
    .option(
      "--origin <name>",
      "the journal's name, best under a domain of yours",
      "example.com/agent/audit/1",
    )
    .option("--with-secrets", "an encrypted file of secrets and its key as well");
  withAction(init, run, initialize);
}
