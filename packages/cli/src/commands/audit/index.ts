import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { adoptJournal } from "./adopt.ts";
import { exportRecords } from "./export.ts";
import { importFromSymbiont } from "./import-symbiont.ts";
import { proveRecord } from "./proof.ts";
import { queryJournal } from "./query.ts";
import { repairJournalFolder } from "./repair.ts";
import { reportJournal } from "./report.ts";
import { tailJournal } from "./tail.ts";
import { verifyJournalFolder } from "./verify.ts";

/** `symbiont audit`. Without a folder: the journal of the configuration. */
export function configure(audit: Command, run: Run): void {
  /** Of the configuration's journal. */
  const own = (spec: string, summary: string): Command =>
    audit
      .command(spec)
      .description(summary)
      .option(
        "--config <file>",
        "the configuration that names journal, key and anchor",
        "symbiont.config.json",
      );
  /** Of that, or of any other in a folder. */
  const add = (spec: string, summary: string): Command =>
    own(spec, summary)
      .option("--trusted <key...>", "public keys of the journal, as name+id+key, instead of a configuration")
      .option(
        "--anchor <file...>",
        "checkpoints that are kept elsewhere; more evidence than the journal itself",
      );

  const verify = add("verify [folder]", "whether anything was changed, removed or cut off")
    .option("--workers <n>", "threads that hash along", "0")
    .option("--segment <file>", "only this archived segment, against the journal's summaries");
  withAction(verify, run, verifyJournalFolder);
  const repair = own(
    "repair",
    "move what a crash tore off the end to quarantine; nothing else is ever changed",
  );
  withAction(repair, run, repairJournalFolder);
  const adopt = own(
    "adopt",
    "go on with a journal whose newest checkpoint is gone: all of it is read, the anchor must agree, it is on record",
  );
  withAction(adopt, run, adoptJournal);
  const query = add("query [folder]", "the signed records that match, as they are read")
    .option("--since <time>", "from a day, an RFC 3339 time, or 15m, 2h, 7d ago")
    .option("--until <time>", "before that time")
    .option("--actor <id>", "by whom")
    .option("--type <type>", "of a type, or of an area as secret.*")
    .option("--outcome <word>", "attempt, success, failure, denied or info")
    .option("--action <text>", "an action")
    .option("--resource <id>", "what was acted on")
    .option("--tool <name>", "a tool, as server/tool or by its name alone")
    .option("--decision <word>", "allow or deny")
    .option("--code <code>", "the code of an error or a decision")
    .option("--text <text>", "text anywhere in the record")
    .option("--limit <n>", "show no more than so many");
  withAction(query, run, queryJournal);
  const imported = own(
    "import-symbiont <kind> <file>",
    "take over a log of Symbiont: critic or transcript (verified first), secret_audit, approval or mode_b (redacted)",
  )
    .option("--source <name>", "whose entries they are")
    .option("--public-key <hex>", "of a chain: the key that signed it")
    .option("--length <n>", "of a chain: how many entries there must be")
    .option("--head <hex>", "of a chain: the chain_hash of its newest entry")
    .option("--verify-only", "of a chain: only say whether it holds")
    .option("--error-messages", "of a log: keep the free text of errors");
  withAction(imported, run, importFromSymbiont);
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
