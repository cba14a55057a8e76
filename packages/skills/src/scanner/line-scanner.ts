import { AnchorIndex } from "./anchor-index.ts";
import {
  type CompiledRule,
  compileRule,
  confidenceIn,
  MAX_WITHIN,
  matchSteps,
  severityOn,
  shifted,
} from "./compiled-rule.ts";
import { warningBefore } from "./file-lines.ts";
import { type ScanLine, strongest, type Warning } from "./scan-line.ts";
import type { Confidence, ScanRule, Severity } from "./scan-rule.ts";

/** What a rule found on a line. */
export interface LineMatch {
  readonly rule: ScanRule;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Places in the line's own text. */
  readonly start: number;
  readonly end: number;
  readonly notes: readonly string[];
}

const WINDOW = 4096;
const STEP = WINDOW - MAX_WITHIN - 256;

/** Tries rules on lines. */
export class LineScanner {
  readonly #rules: readonly CompiledRule[];
  readonly #anchors: AnchorIndex;

  constructor(rules: readonly ScanRule[]) {
    this.#rules = rules.map(compileRule);
    this.#anchors = new AnchorIndex(rules.map(({ anchors }) => anchors));
  }

  /**
   * What rules find on a line, each rule once in each piece of a long line.
   * @param whole the text that the line is cut out of, when it stands there as it is; reading there is faster.
   */
  *scan(line: ScanLine, whole?: string): Generator<LineMatch> {
    const { text } = line;
    const [source, from] = whole === undefined ? [text, 0] : [whole, line.start];
    for (let start = 0; start === 0 || start + (WINDOW - STEP) < text.length; start += STEP) {
      const end = Math.min(text.length, start + WINDOW);
      const candidates = this.#anchors.find(source, from + start, from + end);
      if (candidates === undefined) continue;
      const window = start === 0 && end === text.length ? text : text.slice(start, end);
      for (const number of candidates) {
        const rule = this.#rules[number];
        const match = rule === undefined ? undefined : tryRule(rule, line, window);
        if (match !== undefined) yield { ...match, start: match.start + start, end: match.end + start };
      }
    }
  }
}

function tryRule(compiled: CompiledRule, line: ScanLine, text: string): LineMatch | undefined {
  const { rule, also, unless, raise } = compiled;
  if (rule.places !== undefined && !rule.places.includes(line.place)) return undefined;
  if (line.isParagraph && rule.paragraphs !== true) return undefined;
  const match = matchSteps(compiled, text);
  if (match === undefined || (rule.isPipe === true && isTableRow(line, text))) return undefined;
  if (also?.test(text) === false || unless?.test(text) === true) return undefined;
  const notes: string[] = [];
  let confidence = confidenceIn(rule, line.place);
  const isHidden = line.view === "decoded" || line.isObfuscated;
  if (raise?.test(text) === true) {
    confidence = "high";
    notes.push("it names a host or a place that nobody uses openly");
  }
  if (isHidden) {
    confidence = rule.severity === "low" ? confidence : shifted(confidence, line.view === "decoded" ? 2 : 1);
    notes.push("it was written so as not to be read");
  } else if (rule.unconditional !== true && isDocs(line)) {
    const before = text.slice(0, match.start);
    const warning = strongest([line.warning(), warningBefore(before)]);
    if (warning !== "none") {
      confidence = warned(confidence, warning, before);
      notes.push("words around it warn of it");
    }
  }
  return { rule, severity: severityOn(compiled, text), confidence, ...match, notes };
}

function isDocs({ place }: ScanLine): boolean {
  return place === "prose" || place === "fence" || place === "comment";
}

/** Text that is about attacks, without saying that this one is bad, is still looked at by somebody. */
function warned(confidence: Confidence, warning: Warning, before: string): Confidence {
  // What is quoted as well is an example of what is warned of.
  const isQuoted = /["'`“‘«]\s?$/.test(before);
  if (warning === "strong" || isQuoted) return shifted(confidence, isQuoted ? -2 : -1);
  return confidence === "high" ? "medium" : confidence;
}

/** In a table a bar is no pipe. */
function isTableRow({ place, view }: ScanLine, text: string): boolean {
  return (
    place === "prose" && view === "raw" && /^\s{0,20}\|.{0,4000}\|\s{0,20}$/.test(text) && !text.includes("`")
  );
}
