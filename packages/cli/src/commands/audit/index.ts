import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { exportRecords } from "./export.ts";
import { proveRecord } from "./proof.ts";
import { repairJournalFolder } from "./repair.ts";
import { reportJournal } from "./report.ts";
import { tailJournal } from "./tail.ts";
import { verifyJournalFolder } from "./verify.ts";

/** `symbiont audit`. Without a folder: the journal of the configuration. */
export function configure(audit: Command, run: Run): void {
  const add = (spec: string, summary: string): Command =>
    audit
      .command(spec)
      .description(summary)
      .option(
        "--config <file>",
        "the configuration that names journal, key and anchor",
        "symbiont.config.json",
      )
      .option("--trusted <key...>", "public keys of the journal, as name+id+key, instead of a configuration")
      .option(
        "--anchor <file...>",
        "checkpoints that are kept elsewhere; more evidence than the journal itself",
      );

  const verify = add("verify [folder]", "whether anything was changed, removed or cut off")
    .option("--workers <n>", "threads that hash along", "0")
    .option("--segment <file>", "only this archived segment, against the journal's summaries");
  withAction(verify, run, verifyJournalFolder);
  const repair = audit
    .command("repair")
    .description("move what a crash tore off the end to quarantine; nothing else is ever changed")
    .option(
      "--config <file>",
      "the configuration that names journal, key and anchor",
      "symbiont.config.json",
    );
  withAction(repair, run, repairJournalFolder);
  const tail = add("tail [folder]", "the newest records")
    .option("--lines <n>", "how many", "20")
    .option("--follow", "go on with what comes, until interrupted");
  withAction(tail, run, tailJournal);
  const proof = add("proof <sequence> [folder]", "a proof of one record that anybody can check").option(
    "--out <file>",
    "where to write it (default: standard output)",
  );
  withAction(proof, run, proveRecord);
  const exported = add("export [folder]", "every signed record, one a line").option(
    "--format <name>",
    "journal, ocsf or otel",
    "journal",
  );
  withAction(exported, run, exportRecords);
  const report = add("report [folder]", "one page for people, that works without a network")
    .requiredOption("-o, --out <file>", "where to write the page")
    .option("--title <text>", "its title");
  withAction(report, run, reportJournal);
}
