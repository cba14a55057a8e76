import { dirname, resolve } from "node:path";
import { fileAnchor, formatVerifierKey, verifierKey } from "@symbiont/audit";
import { readEnvironmentConfig } from "@symbiont/core/guard";
import { readPrivateKey } from "../../program/private-key.ts";
import type { Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";

/** How a journal is named on the command line. */
export interface JournalOptions {
  readonly config: string;
  readonly trusted?: readonly string[];
  readonly anchor?: readonly string[];
}

/** Where a journal is, and what it is checked against. */
export interface JournalPlace {
  readonly directory: string;
  readonly trusted: readonly string[];
  readonly anchors: readonly string[];
}

/** Finds the journal: by folder and public keys, or by the configuration. */
export async function journalPlace(
  { config: file, trusted, anchor }: JournalOptions,
  folder: string | undefined,
  { terminal }: Task,
): Promise<JournalPlace> {
  const given = await Promise.all((anchor ?? []).map(readAnchor));
  if (trusted !== undefined) {
    if (folder === undefined) throw new UsageError("name the journal's folder");
    return { directory: folder, trusted, anchors: given };
  }
  const { config, directory } = await readEnvironmentConfig({
    ...terminal.env,
    SYMBIONT_CONFIG: resolve(file),
  });
  const { audit } = config;
  if (audit === "none" || audit.key === "ephemeral") {
    throw new UsageError(`${file} keeps no journal that can be checked; write a folder and --trusted`);
  }
  const key = await readPrivateKey(resolve(directory, audit.key), "Ed25519");
  const kept = given.length > 0 ? given : [await readAnchor(resolve(directory, audit.anchor))];
  return {
    directory: folder ?? resolve(directory, audit.folder),
    trusted: [formatVerifierKey(verifierKey(audit.origin, key.publicKey))],
    anchors: kept,
  };
}

async function readAnchor(path: string): Promise<string> {
  const note = await fileAnchor(path).newest?.();
  if (note === undefined)
    throw new UsageError(`there is no checkpoint in ${dirname(path)}: ${path} does not exist`);
  return note;
}
