import { encodeBase64 } from "@symbiont/kit";
import type { ConsistencyProof } from "../merkle/consistency-proof.ts";

/** Writes what a witness is asked to cosign. @see https://c2sp.org/tlog-witness */
export function formatAddCheckpoint(old: number, proof: ConsistencyProof["proof"], note: string): string {
  return [`old ${old}`, ...proof.map(encodeBase64), "", note].join("\n");
}
