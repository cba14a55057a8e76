import { fold, squeeze } from "./advise-on-injection.ts";
import { FORBIDDEN_RANGES, MARKERS } from "./symbiont-data.ts";

const REPLACEMENT = "[redacted:injection]";

/** Does as Symbiont's stripper does, faults included, for hosts that must give the same results. */
export interface SymbiontStripper {
  /** Removes its forbidden characters. */
  sanitize(text: string): string;
  /** Removes comments and fenced code first. */
  withMarkup(text: string): string;
  /** Replaces its markers as well. */
  forDownstream(text: string): string;
  /** The markers it finds; `mixed-script` for ASCII letters beside Cyrillic ones. */
  detect(text: string): readonly string[];
}

/**
 * Makes the profile `symbi-compat`. It is not idempotent, can put together a comment that it has taken apart, and
 * damages accents, emoji and Persian; use `cleanText` or `cleanMarkup` for anything new.
 */
export function createSymbiontStripper(): SymbiontStripper {
  const forbidden = new RegExp(
    `[${FORBIDDEN_RANGES.map((range) => range.map((point) => `\\u{${point.toString(16)}}`).join("-")).join("")}]`,
    "gu",
  );
  const phrases = MARKERS.map((marker) => new RegExp(marker.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "gi"));
  const sanitize = (text: string): string => text.replace(forbidden, "");
  const withMarkup = (text: string): string =>
    sanitize(cutPairs(cutPairs(text, "<!--", "-->"), "```", "```"));
  return {
    sanitize,
    withMarkup,
    forDownstream: (text) =>
      phrases.reduce((rest, phrase) => rest.replace(phrase, REPLACEMENT), withMarkup(text)),
    detect: (input) => {
      const text = fold(input);
      const squeezed = squeeze(text);
      const found = MARKERS.filter((marker) => text.includes(marker) || squeezed.includes(squeeze(marker)));
      return /[a-z]/.test(text) && /[\u0400-\u04ff]/.test(text) ? [...found, "mixed-script"] : found;
    },
  };
}

/** Cuts from each opening to the next closing, or to the end of the text. */
function cutPairs(text: string, open: string, close: string): string {
  let kept = "";
  let from = 0;
  for (;;) {
    const start = text.indexOf(open, from);
    if (start < 0) return kept + text.slice(from);
    kept += text.slice(from, start);
    const end = text.indexOf(close, start + open.length);
    if (end < 0) return kept;
    from = end + close.length;
  }
}
