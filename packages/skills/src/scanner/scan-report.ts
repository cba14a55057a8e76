import type { Finding, Verdict } from "./finding.ts";

/** What became of a file: read as text, known as a picture or font, or not looked into. */
export type Disposition = "scanned" | "media" | "uncovered";

/** What a scan found. */
export interface ScanReport {
  /** The snapshot's. */
  readonly digest: string;
  readonly directoryName: string;
  readonly rulesetVersion: string;
  /** SHA-256 in hexadecimal over all rules and settings in force. */
  readonly rulesetHash: string;
  readonly verdict: Verdict;
  /** Whether everything in the skill was looked at. */
  readonly complete: boolean;
  /** The gravest first. */
  readonly findings: readonly Finding[];
  /** Every file of the skill. */
  readonly files: readonly { readonly path: string; readonly disposition: Disposition }[];
}
