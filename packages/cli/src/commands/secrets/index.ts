import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import {
  createSecrets,
  deleteSecret,
  getSecret,
  listSecrets,
  listSlots,
  migrateSymbiont,
  setSecret,
} from "./actions.ts";

/** `symbiont secrets`. Values are read from a file, a variable, standard input or the keyboard, and never from arguments. */
export function configure(secrets: Command, run: Run): void {
  const add = (spec: string, summary: string): Command =>
    secrets
      .command(spec)
      .description(summary)
      .requiredOption("--file <file>", "the encrypted file")
      .option("--key-env <name>", "variable with its key or password")
      .option(
        "--key-file <file>",
        "file with its key (default: SYMBIONT_MASTER_KEY, SYMBIONT_MASTER_KEY_FILE)",
      );

  const init = add("init", "make an encrypted file").option(
    "--new-key",
    "make the key of --key-file as well",
  );
  withAction(init, run, createSecrets);
  withAction(add("list", "the names, never the values"), run, listSecrets);
  const set = add("set <name>", "store a value: from standard input, the keyboard, a file or a variable")
    .option("--value-file <file>", "read the value from a file")
    .option("--value-env <name>", "read the value from a variable");
  withAction(set, run, setSecret);
  const get = add("get <name>", "what is known of a secret").option(
    "--reveal",
    "write the value to standard output",
  );
  withAction(get, run, getSecret);
  withAction(add("delete <name>", "delete a secret"), run, deleteSecret);
  withAction(add("slots", "the keys that open the file"), run, listSlots);
  const migrate = add(
    "migrate <symbiont-file>",
    "take over everything of a store of Symbiont, or nothing",
  ).option("--overwrite", "replace secrets of the same name");
  withAction(migrate, run, migrateSymbiont);
}
