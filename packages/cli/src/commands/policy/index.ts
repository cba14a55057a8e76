import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { checkPolicies } from "./check.ts";
import { explainDecision } from "./explain.ts";
import { formatFiles } from "./format.ts";
import { testPolicies } from "./test.ts";

/** `symbiont policy`. */
export function configure(policy: Command, run: Run): void {
  const check = policy
    .command("check <paths...>")
    .description("whether policies are sound, and what in them is dead or easily misread")
    .option("--strict", "warnings count as well");
  withAction(check, run, checkPolicies);
  const test = policy
    .command("test <folder> <cases...>")
    .description("compare what policies decide with what is expected");
  withAction(test, run, testPolicies);
  const explain = policy
    .command("explain <folder>")
    .description("what became of every rule for one request; exit code 1 when it is not allowed")
    .requiredOption("--request <file>", "JSON: action, principal, resource, context; - for standard input");
  withAction(explain, run, explainDecision);
  const fmt = policy
    .command("fmt <files...>")
    .description("write policies in their usual form")
    .option("--check", "change nothing; exit code 1 when something would change");
  withAction(fmt, run, formatFiles);
}
