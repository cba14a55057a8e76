import type { JsonObject } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import {
  countOf,
  hashedTime,
  type SymbiontChainOptions,
  textOf,
  verifySymbiontChain,
} from "./chain-entries.ts";
import { rustNumber } from "./rust-number.ts";

const VERDICTS: ReadonlyMap<unknown, string> = new Map([
  ["approved", "Approved"],
  ["needs_revision", "NeedsRevision"],
  ["rejected", "Rejected"],
]);

/**
 * Checks the chain of a Symbiont critic. `dimension_scores` and `critic_identity` are covered by no hash.
 * @throws AuditError as {@link verifySymbiontChain}
 */
export function verifyCriticChain(entries: readonly JsonObject[], options: SymbiontChainOptions): void {
  verifySymbiontChain(entries, { genesis: "genesis", hashedText }, options);
}

function hashedText(entry: JsonObject): string {
  const verdict = VERDICTS.get(entry["verdict"]);
  const score = entry["score"];
  if (verdict === undefined || typeof score !== "number")
    throw new AuditError("AUDIT_CORRUPT", "a critic entry has no verdict or score");
  return [
    textOf(entry["entry_id"]),
    textOf(entry["director_output_hash"]),
    textOf(entry["critic_assessment_hash"]),
    verdict,
    rustNumber(score),
    hashedTime(entry["timestamp"]),
    countOf(entry["iteration"]),
  ].join("|");
}
