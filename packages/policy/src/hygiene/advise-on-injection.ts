import { cleanText } from "./clean-text.ts";
import { MARKERS } from "./symbiont-data.ts";

/** What in a text sounds like orders to a model. */
export interface InjectionAdvice {
  /** Number of different markers, 0 for none. Grows with suspicion; proves nothing either way. */
  readonly score: number;
  /** The markers, in the order of the list; `mixed-script` for Latin and Cyrillic letters in one word. */
  readonly markers: readonly string[];
}

/** Phrases that ordinary texts use as well. */
const ORDINARY: ReadonlySet<string> = new Set([
  "from now on",
  "you are the",
  "new rule",
  "supervisor:",
  "assistant:",
]);
const MIXED_WORD = /\b(?=\p{L}*[a-z])(?=\p{L}*\p{Script=Cyrillic})\p{L}+/iu;

/**
 * Looks for phrases by which texts try to give a model orders, after taking out what hides them. Advice for audit
 * records and for asking a person: wording can always be found that it does not know, so its silence must never
 * allow anything.
 *
 * Differs from Symbiont: phrases of ordinary texts are left out, and scripts may be mixed in a text, not in a word.
 */
export function adviseOnInjection(
  input: string,
  {
    markers = MARKERS.filter((marker) => !ORDINARY.has(marker)),
  }: { readonly markers?: readonly string[] } = {},
): InjectionAdvice {
  const text = fold(cleanText(input).text);
  const squeezed = squeeze(text);
  const found = markers.filter((marker) => {
    const phrase = squeeze(fold(marker));
    // One word without its punctuation is found everywhere.
    return text.includes(fold(marker)) || (phrase.length >= 12 && squeezed.includes(phrase));
  });
  if (MIXED_WORD.test(text)) found.push("mixed-script");
  return { score: found.length, markers: found };
}

/** Compatible characters as one (NFKC), in lower case. */
export function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** Without white space and ASCII punctuation. */
export function squeeze(text: string): string {
  return text.replace(/[\s!-/:-@[-`{-~]+/g, "");
}
