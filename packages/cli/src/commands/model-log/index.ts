import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { pruneLog, readLog, verifyLog } from "./actions.ts";

/** `symbiont model-log`. */
export function configure(modelLog: Command, run: Run): void {
  const add = (spec: string, summary: string): Command =>
    modelLog
      .command(spec)
      .description(summary)
      .requiredOption("--secrets <file>", "the encrypted file with the log's key")
      .requiredOption("--secret <name>", "the secret that wraps the log's keys")
      .option("--key-env <name>", "variable with the key of the secret file")
      .option("--key-file <file>", "file with it (default: SYMBIONT_MASTER_KEY, SYMBIONT_MASTER_KEY_FILE)");
  withAction(add("verify <folder>", "check every segment"), run, verifyLog);
  const read = add("read <folder>", "write records, one a line")
    .option("--agent <id>", "of one agent")
    .option("--model <id>", "of one model")
    .option("--id <id>", "of one call")
    .option("--kind <kind>", "completion, tool_call, rag_query or agent_execution")
    .option("--outcome <word>", "ok, error, denied or aborted")
    .option("--since <time>", "from a day, an RFC 3339 time, or 15m, 2h, 7d ago")
    .option("--until <time>", "before that time")
    .option("--content", "with what was said, not only who, when and how much");
  withAction(read, run, readLog);
  const prune = add("prune <folder>", "delete what is too old")
    .option("--days <n>", "how long to keep", "90")
    .option("--max-bytes <n>", "delete the oldest until no more than so many bytes are left")
    .option("--hold <segment...>", "segments that stay whatever their age")
    .option("--dry-run", "only say what would go");
  withAction(prune, run, pruneLog);
}
