import { asAuditError, unavailable } from "../as-audit-error.ts";
import type { AuditError } from "../audit-error.ts";
import type { SegmentRotationParts } from "./segment-rotation.ts";

/**
 * Signs a checkpoint over everything that is written, which must be durable, and keeps it beside the journal.
 * @returns why it could not.
 */
export async function sealBatch({
  chain,
  sealer,
  tiles,
}: Pick<SegmentRotationParts, "chain" | "sealer" | "tiles">): Promise<AuditError | undefined> {
  try {
    const range = chain.end?.range;
    if (range === undefined) return unavailable("a checkpoint needs what is durable, and nothing else");
    tiles.writeOpen();
    await sealer.sealHere(range.size, range.root());
    return undefined;
  } catch (error) {
    return unavailable("a checkpoint could not be kept", asAuditError(error));
  }
}

/** What the records that begin a session or a segment say of how it is signed: what a crash leaves is judged by it. */
export function sealMark(seal: "interval" | "batch"): { readonly seal?: "batch" } {
  return seal === "batch" ? { seal } : {};
}
