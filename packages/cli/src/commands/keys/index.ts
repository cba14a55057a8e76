import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from "./api-keys.ts";
import { generateKey, showKey } from "./signing-keys.ts";

/** `symbiont keys`. */
export function configure(keys: Command, run: Run): void {
  const generate = keys
    .command("generate")
    .description("make a signing key: a PEM file that only you can read")
    .requiredOption("--out <file>", "where to write the private key; it must not exist")
    .option("--algorithm <name>", "ES256 (SchemaPin, AgentPin, skills) or Ed25519 (audit)", "ES256")
    .option("--public <file>", "write the public key too");
  withAction(generate, run, generateKey);
  const show = keys.command("show <file>").description("the public half of a key");
  withAction(show, run, showKey);

  const create = keys
    .command("create")
    .description("issue an API key; its token is shown once")
    .requiredOption("--store <file>", "the key file")
    .option("--agent <id...>", "agents it is good for")
    .option("--admin", "good for every agent")
    .option("--scope <name...>", "scopes it carries", [])
    .option("--owner <name>", "who it belongs to")
    .option("--days <n>", "how long it lasts, or never", "90")
    .option("--out <file>", "write the token there instead of showing it");
  withAction(create, run, createApiKey);
  const list = keys
    .command("list")
    .description("API keys, without their tokens")
    .requiredOption("--store <file>", "the key file")
    .option("--all", "revoked ones too");
  withAction(list, run, listApiKeys);
  const rotate = keys
    .command("rotate <id>")
    .description("issue another token for an API key; both are good for a while")
    .requiredOption("--store <file>", "the key file")
    .option("--grace-hours <n>", "how long the old one stays good", "24")
    .option("--out <file>", "write the token there instead of showing it");
  withAction(rotate, run, rotateApiKey);
  const revoke = keys
    .command("revoke <id>")
    .description("end an API key now")
    .requiredOption("--store <file>", "the key file")
    .requiredOption("--reason <text>", "why, for the record");
  withAction(revoke, run, revokeApiKey);
}
