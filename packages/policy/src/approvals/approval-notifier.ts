import type { ApprovalEntry } from "./approval-entry.ts";

/** Tells people that there is something to approve. It may fail or be slow without harm: other ways stay open. */
export interface ApprovalNotifier {
  /** Name in records and reports, for example `slack`. */
  readonly name: string;
  /** @param settled aborts as soon as the entry is answered, cancelled or expired. */
  notify(entry: ApprovalEntry, settled: AbortSignal): Promise<void>;
}
