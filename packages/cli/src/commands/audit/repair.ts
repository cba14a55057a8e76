import { resolve } from "node:path";
import { fileAnchor, repairJournal } from "@symbiont/audit";
import { readEnvironmentConfig } from "@symbiont/core/guard";
import { readPrivateKey } from "../../program/private-key.ts";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";

/** `audit repair`: only of the configuration's journal, because what it does is recorded and signed. */
export async function repairJournalFolder(
  { config: file }: { readonly config: string },
  { terminal }: Task,
): Promise<Answer> {
  const { config, directory } = await readEnvironmentConfig({
    ...terminal.env,
    SYMBIONT_CONFIG: resolve(file),
  });
  const { audit } = config;
  if (audit === "none" || audit.key === "ephemeral")
    throw new UsageError(`${file} keeps no journal that can be repaired`);
  const { records, tornBytes, quarantine, openAttempts } = await repairJournal(
    resolve(directory, audit.folder),
    {
      origin: audit.origin,
      key: await readPrivateKey(resolve(directory, audit.key), "Ed25519"),
      anchor: fileAnchor(resolve(directory, audit.anchor)),
    },
  );
  return {
    data: { records, tornBytes, quarantine: quarantine ?? null, openAttempts: [...openAttempts] },
    lines: [
      tornBytes === 0
        ? ["ok", `${records} records, and nothing to repair`]
        : [
            "ok",
            `${records} records are whole; ${tornBytes} torn bytes are in ${quarantine ?? "quarantine"}`,
          ],
    ],
  };
}
