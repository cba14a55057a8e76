import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { sendDelivery, signDelivery } from "./actions.ts";

/** `symbiont webhook`. */
export function configure(webhook: Command, run: Run): void {
  const add = (spec: string, summary: string): Command =>
    webhook
      .command(spec)
      .description(summary)
      .requiredOption("--preset <name>", "the provider, for example github or stripe")
      .requiredOption("--body <file>", "the body, as it is; - for standard input")
      .option("--content-type <type>", "its type", "application/json")
      .option("--secret-file <file>", "read the secret from a file")
      .option("--secret-env <name>", "read the secret from a variable (default: the keyboard)");
  const sign = add("sign", "the headers of a delivery").option(
    "--url <url>",
    "the receiver, where the scheme signs it",
  );
  withAction(sign, run, signDelivery);
  const send = add("send <url>", "sign a delivery and send it; exit code 1 when the answer is not 2xx");
  withAction(send, run, sendDelivery);
}
