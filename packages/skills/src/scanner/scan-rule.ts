/** How bad it would be. */
export type Severity = "critical" | "high" | "medium" | "low";

/** How sure it is that it is meant. */
export type Confidence = "high" | "medium" | "low";

/** Where in a skill something stands. */
export type Place = "code" | "fence" | "prose" | "comment" | "data";

/** Confidence by place. `comment` follows `prose`, and `data` follows `fence`, where they are left out. */
export interface PlaceConfidence {
  readonly code: Confidence;
  readonly fence: Confidence;
  readonly prose: Confidence;
  readonly comment?: Confidence;
  readonly data?: Confidence;
}

/**
 * What to look for on a line, as data. `steps` are regular expressions that have to match one behind the other, the last
 * one ending within `within` characters of where the first began; upper and lower case are the same. A step may only
 * repeat things a bounded number of times, so that looking takes linear time.
 */
export interface ScanRule {
  /** `family.name`; stable. */
  readonly id: string;
  readonly severity: Severity;
  readonly confidence: PlaceConfidence;
  /** What it means, for whoever has to decide. */
  readonly why: string;
  /** In lower case; every match holds at least one of them. */
  readonly anchors: readonly string[];
  readonly steps: readonly string[];
  /** Characters. Default 240. */
  readonly within?: number;
  /** Only where the line matches this too. */
  readonly also?: string;
  /** Not where the line matches this. */
  readonly unless?: string;
  /** Severity `medium` where the line matches this. */
  readonly demote?: string;
  /** Confidence `high` where the line matches this. */
  readonly raise?: string;
  /** Default all. */
  readonly places?: readonly Place[];
  /** Whether paragraphs are looked at as a whole too. Default `false`. */
  readonly paragraphs?: true;
  /** Whether it is about a pipe, so that the bars of a table are not meant. Default `false`. */
  readonly isPipe?: true;
  /** Whether words that warn of it make no difference. Default `false`. */
  readonly unconditional?: true;
}

/** The same confidence in every place. */
export function everywhere(confidence: Confidence): PlaceConfidence {
  return { code: confidence, fence: confidence, prose: confidence };
}
