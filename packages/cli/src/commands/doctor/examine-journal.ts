import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { GuardConfig } from "@symbiont/core/guard";
import { SymbiontError } from "@symbiont/kit";
import { readPrivateKey } from "../../program/private-key.ts";
import type { Finding } from "./finding.ts";

/** The key of the journal and the place of its checkpoints, without opening the journal: somebody may be writing it. */
export async function examineJournal(
  audit: GuardConfig["audit"],
  directory: string,
): Promise<readonly Finding[]> {
  if (audit === "none") return [];
  const about = "audit";
  const findings: Finding[] = [];
  if (audit.key !== "ephemeral") {
    try {
      await readPrivateKey(resolve(directory, audit.key), "Ed25519");
      findings.push({ mark: "ok", about, says: "the key can be read, and only by us" });
    } catch (error) {
      if (!SymbiontError.is(error)) throw error;
      const fix = "make one: symbiont keys generate --algorithm Ed25519 --out FILE";
      findings.push({ mark: "bad", about, says: `audit.key: ${error.message} (${error.code})`, fix });
    }
  }
  const [journal, anchor] = await Promise.all([
    stat(resolve(directory, audit.folder)).catch(() => undefined),
    stat(dirname(resolve(directory, audit.anchor))).catch(() => undefined),
  ]);
  if (anchor === undefined) {
    findings.push({
      mark: "bad",
      about,
      says: "the folder of audit.anchor does not exist",
      fix: "make it, or mount it",
    });
  } else if (journal !== undefined && journal.dev === anchor.dev) {
    const fix = "put audit.anchor on another disk or host";
    findings.push({ mark: "warn", about, says: "checkpoints are kept on the disk of the journal", fix });
  }
  return findings;
}
