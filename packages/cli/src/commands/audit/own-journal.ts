import { resolve } from "node:path";
import { fileAnchor, type JournalOptions } from "@symbiont/audit";
import { readEnvironmentConfig } from "@symbiont/core/guard";
import { readPrivateKey } from "../../program/private-key.ts";
import type { Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";

/** A journal that may be written. */
export interface OwnJournal {
  readonly directory: string;
  readonly options: JournalOptions;
}

/** The journal of the configuration, with the key that signs what is done to it. */
export async function ownJournal(file: string, { terminal }: Task): Promise<OwnJournal> {
  const { config, directory } = await readEnvironmentConfig({
    ...terminal.env,
    SYMBIONT_CONFIG: resolve(file),
  });
  const { audit } = config;
  if (audit === "none" || audit.key === "ephemeral")
    throw new UsageError(`${file} keeps no journal that can be written`);
  return {
    directory: resolve(directory, audit.folder),
    options: {
      origin: audit.origin,
      key: await readPrivateKey(resolve(directory, audit.key), "Ed25519"),
      anchor: fileAnchor(resolve(directory, audit.anchor)),
    },
  };
}
