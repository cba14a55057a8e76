import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { diffTools } from "./diff.ts";
import { listPins, lockTools, pinTools, removePin } from "./pin.ts";
import { publishDiscovery, signToolList } from "./sign.ts";
import { verifyToolList } from "./verify.ts";

/** `symbiont schemapin`. Tool lists are files as `tools/list` of MCP answers them, or plain lists. */
export function configure(schemapin: Command, run: Run): void {
  const sign = schemapin
    .command("sign <tools>")
    .description("sign every tool of a list")
    .requiredOption("--key <file>", "the publisher's private key, ES256")
    .requiredOption("--domain <domain>", "the publisher's domain")
    .requiredOption("--server <id>", "the operator's id of the server")
    .option("--out <file>", "where to write the signatures (default: standard output)");
  withAction(sign, run, signToolList);
  const discovery = schemapin
    .command("discovery")
    .description("the document to publish under /.well-known/schemapin.json")
    .requiredOption("--key <file>", "the public key, or the private one")
    .requiredOption("--domain <domain>", "the publisher's domain")
    .requiredOption("--developer <name>", "who publishes");
  withAction(discovery, run, publishDiscovery);
  const verify = schemapin
    .command("verify <tools>")
    .description("which tools are what their publisher signed")
    .requiredOption("--domain <domain>", "the publisher's domain")
    .requiredOption("--server <id>", "the operator's id of the server")
    .option("--discovery <file>", "the publisher's document (default: fetched from the domain)")
    .option("--revocation <file>", "its revocation document")
    .option("--signatures <file>", "signatures kept beside the server")
    .option("--pins <file>", "what was seen before (default: nothing, and nothing is remembered)");
  withAction(verify, run, verifyToolList);
  const lock = schemapin
    .command("lock <tools>")
    .description("digests of tools that nobody signs, to be looked at and kept")
    .requiredOption("--server <id>", "the operator's id of the server")
    .option("--out <file>", "where to write (default: standard output)");
  withAction(lock, run, lockTools);

  const pin = schemapin.command("pin").description("what was approved, and by whom");
  const list = pin.command("list").description("every pin").requiredOption("--pins <file>", "the pin file");
  withAction(list, run, listPins);
  const approve = pin
    .command("approve <tools>")
    .description("pin tools as they are in a list, and the key that may sign them")
    .requiredOption("--pins <file>", "the pin file")
    .requiredOption("--domain <domain>", "the publisher's domain")
    .requiredOption("--server <id>", "the operator's id of the server")
    .requiredOption("--key <file>", "the publisher's public key")
    .requiredOption("--by <name>", "who approves");
  withAction(approve, run, pinTools);
  const remove = pin
    .command("remove <tool>")
    .description("forget a tool: it is new again")
    .requiredOption("--pins <file>", "the pin file")
    .requiredOption("--domain <domain>", "the publisher's domain")
    .requiredOption("--server <id>", "the operator's id of the server");
  withAction(remove, run, removePin);

  const diff = schemapin
    .command("diff <before> <after>")
    .description("what changed between two lists of tools; exit code 1 when something did");
  withAction(diff, run, diffTools);
}
