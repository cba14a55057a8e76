import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { issueCredential, publishDocuments, verifyCredential } from "./actions.ts";
import { serveDocuments } from "./serve.ts";

/** `symbiont agentpin`. */
export function configure(agentpin: Command, run: Run): void {
  const publish = agentpin
    .command("publish")
    .description("write the discovery and the revocation document of an issuer")
    .requiredOption("--issuer <domain>", "the issuer's domain")
    .requiredOption("--key <file>", "its private key, ES256")
    .requiredOption("--kid <id>", "the key's id in the document")
    .requiredOption("--agent <name...>", "agents, as NAME or NAME=capability,capability")
    .requiredOption("--discovery <file>", "where to write the discovery document")
    .requiredOption("--revocation <file>", "where to write the revocation document");
  withAction(publish, run, publishDocuments);
  const issue = agentpin
    .command("issue")
    .description("issue a credential; it is written to standard output")
    .requiredOption("--key <file>", "the issuer's private key, ES256")
    .requiredOption("--kid <id>", "the key's id in the discovery document")
    .requiredOption("--issuer <domain>", "the issuer's domain")
    .requiredOption("--discovery <file>", "its discovery document: nothing is signed that it does not allow")
    .requiredOption("--agent <id>", "the agent, by its id or its name")
    .requiredOption("--audience <name>", "who the credential is for")
    .requiredOption("--capability <name...>", "what it is good for")
    .option("--ttl <seconds>", "how long it lives", "3600");
  withAction(issue, run, issueCredential);
  const verify = agentpin
    .command("verify <credential>")
    .description("verify a credential in a file, or - for standard input")
    .requiredOption("--issuer <domain>", "whose credentials are believed")
    .requiredOption("--audience <name>", "who verifies")
    .option("--discovery <file>", "the issuer's document (default: both are fetched)")
    .option("--revocation <file>", "its revocation document; with --discovery");
  withAction(verify, run, verifyCredential);
  const serve = agentpin
    .command("serve")
    .description("serve both documents, for tests or behind a proxy that speaks TLS")
    .requiredOption("--issuer <domain>", "the issuer's domain")
    .requiredOption("--discovery <file>", "the discovery document")
    .requiredOption("--revocation <file>", "the revocation document")
    .option("--port <n>", "the port; 0 for any", "8080")
    .option("--host <address>", "the address", "127.0.0.1");
  withAction(serve, run, serveDocuments);
}
