import { sha256Hex } from "@symbiont/keys";
import { type AuditReceipt, type AuditSink, canonicalJson, type JsonObject } from "@symbiont/kit";
import type { SymbiontChainOptions } from "./chain-entries.ts";
import { verifyCriticChain } from "./critic-chain.ts";
import { verifySessionTranscript } from "./session-transcript.ts";

/**
 * Verifies a chain of Symbiont and, only when all of it holds, appends each entry as a record `import.critic` or
 * `import.transcript` with the hash of the whole original.
 * @throws AuditError as `verifyCriticChain`, and what the sink throws.
 */
export async function importSymbiontChain(
  sink: AuditSink,
  kind: "critic" | "transcript",
  chain: SymbiontChainOptions & { readonly entries: readonly JsonObject[]; readonly source: string },
): Promise<readonly AuditReceipt[]> {
  const { entries, source, ...options } = chain;
  if (kind === "critic") verifyCriticChain(entries, options);
  else verifySessionTranscript(entries, options);
  const receipts: AuditReceipt[] = [];
  for (const entry of entries) {
    const data = { chain: "verified", sha256: sha256Hex(canonicalJson(entry)), entry };
    const actor = { kind: "service", id: source } as const;
    receipts.push(await sink.append({ type: `import.${kind}`, outcome: "info", actor, data }));
  }
  return receipts;
}
