import type { Place } from "./scan-rule.ts";

/** Which reading of a text something was found in. */
export type View = "raw" | "visible" | "shell" | "decoded";

/** How text warns of something: says that it is bad, or only is about such things. */
export type Warning = "strong" | "weak" | "none";

/** A line as it is scanned, in one of its readings. */
export interface ScanLine {
  readonly text: string;
  readonly view: View;
  readonly place: Place;
  /** Where each character stands in the file; undefined: one behind the other from `start`. */
  readonly origins?: readonly number[];
  /** Where the line begins in the file. */
  readonly start: number;
  /** Whether the reading undid something whose only purpose is not to be read. */
  readonly isObfuscated: boolean;
  /** How words around it warn of what it shows. Asked only about what was found. */
  readonly warning: () => Warning;
  /** Whether it stands for several lines of prose. */
  readonly isParagraph: boolean;
}

/** Where a character of a line stands in the file. */
export function originOf(line: ScanLine, at: number): number {
  if (line.origins === undefined) return line.start + at;
  return line.origins[Math.min(at, line.origins.length - 1)] ?? line.start;
}

/** The strongest of some warnings. */
export function strongest(warnings: readonly Warning[]): Warning {
  if (warnings.includes("strong")) return "strong";
  return warnings.includes("weak") ? "weak" : "none";
}
