/**
 * Accepts tokens that carry no id, by trying them on every record, as Symbiont does. For the time of a migration
 * only: each such token costs up to `maxRecords` slow hashes, and anybody can send one.
 */
export interface LegacyScan {
  /** Written out, so that nobody switches it on in passing. */
  readonly scan: true;
  /** With more active records than this nothing is scanned at all. At most 1000; default 50. */
  readonly maxRecords: number;
  /** Epoch milliseconds from which on no scan takes place. */
  readonly until: number;
}

/** @throws RangeError */
export function checkedLegacyScan(
  legacy: (Omit<LegacyScan, "maxRecords"> & { readonly maxRecords?: number }) | undefined,
): LegacyScan | undefined {
  if (legacy === undefined) return undefined;
  const { scan, until, maxRecords = 50 } = legacy;
  if (scan !== true) throw new TypeError("legacy.scan must be true");
  if (!Number.isSafeInteger(maxRecords) || maxRecords < 1 || maxRecords > 1000)
    throw new RangeError(`legacy.maxRecords must be 1 to 1000, got ${maxRecords}`);
  if (!Number.isFinite(until)) throw new RangeError("legacy.until must be an instant in epoch milliseconds");
  return { scan, until, maxRecords };
}
