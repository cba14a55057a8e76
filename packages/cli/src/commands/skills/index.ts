import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { scanSkills } from "./scan.ts";
import { signSkills } from "./sign.ts";

/** `symbiont skills`. */
export function configure(skills: Command, run: Run): void {
  const sign = skills
    .command("sign <folder>")
    .description("sign a skill")
    .requiredOption("--key <file>", "the publisher's private key, ES256")
    .requiredOption("--domain <domain>", "the publisher's domain")
    .option("--version <version>", "the skill's version");
  withAction(sign, run, signSkills);
  const scan = skills
    .command("scan <folders...>")
    .description("scan skills; exit code 1 when something is blocked, for review, or not looked into")
    .option("--sarif", "write SARIF 2.1.0 for code hosts");
  withAction(scan, run, scanSkills);
}
