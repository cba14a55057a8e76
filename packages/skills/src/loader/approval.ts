import type { ScanReport } from "../scanner/scan-report.ts";

/** Somebody's word that a scan was looked at: for these bytes, under these rules. */
export interface ApprovedScan {
  /** The snapshot's. */
  readonly digest: string;
  /** The scanner's: when rules change, it is to be looked at again. */
  readonly rulesetHash: string;
  readonly by: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Whether somebody approved this very scan, and the approval still holds. */
export function isApproved(
  { digest, rulesetHash }: ScanReport,
  approvals: readonly ApprovedScan[],
  now: number,
): boolean {
  return approvals.some(
    (approval) =>
      approval.digest === digest &&
      approval.rulesetHash === rulesetHash &&
      approval.by !== "" &&
      now < approval.expiresAt,
  );
}
