import type { Command } from "commander";
import type { Run } from "./task.ts";

/** Adds the options, subcommands and actions of one command to it. */
export type Configure = (command: Command, run: Run) => void;

/** One command as the help lists it; what it does is loaded when it is used. */
export interface TableEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly configure: Configure }>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly TableEntry[] = [
  {
    name: "init",
    summary: "write a configuration, keys, policies and a test for them",
    load: async () => import("../commands/init/index.ts"),
  },
  {
    name: "doctor",
    summary: "what is safe here, what is not, and which sandboxes work",
    load: async () => import("../commands/doctor/index.ts"),
  },
  {
    name: "policy",
    summary: "check, test, explain and format policies",
    load: async () => import("../commands/policy/index.ts"),
  },
  {
    name: "audit",
    summary: "verify, query, follow, prove, export and report a journal",
    load: async () => import("../commands/audit/index.ts"),
  },
  {
    name: "schemapin",
    summary: "sign, lock, verify, pin and compare tool definitions",
    load: async () => import("../commands/schemapin/index.ts"),
  },
  {
    name: "agentpin",
    summary: "publish, issue, verify and serve agent identities",
    load: async () => import("../commands/agentpin/index.ts"),
  },
  {
    name: "skills",
    summary: "sign and scan skills",
    load: async () => import("../commands/skills/index.ts"),
  },
  {
    name: "secrets",
    summary: "an encrypted file of secrets",
    load: async () => import("../commands/secrets/index.ts"),
  },
  {
    name: "keys",
    summary: "signing keys, and API keys for agents",
    load: async () => import("../commands/keys/index.ts"),
  },
  {
    name: "sandbox",
    summary: "probe the sandbox tiers, run a command in one",
    load: async () => import("../commands/sandbox/index.ts"),
  },
  {
    name: "model-log",
    summary: "verify, read and prune a sealed model log",
    load: async () => import("../commands/model-log/index.ts"),
  },
  {
    name: "webhook",
    summary: "sign and send a test delivery",
    load: async () => import("../commands/webhook/index.ts"),
  },
  {
    name: "completion",
    summary: "a completion script for bash, zsh or fish",
    load: async () => import("../commands/completion/index.ts"),
  },
];
