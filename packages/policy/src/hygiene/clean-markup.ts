import { cleanText } from "./clean-text.ts";
import type { HygieneResult } from "./hygiene-result.ts";

const MAX_ROUNDS = 8;
const HIDING = /<(script|style|template|noscript|head|title)\b/gi;
const HIDDEN =
  /<([a-z][a-z0-9-]*)\b[^<>]*?(?:\shidden(?=[\s=/>])|\saria-hidden\s*=\s*["']?true|display\s*:\s*none|visibility\s*:\s*hidden)[^<>]*>/gi;

/** Markup after cleaning. `rejected`: it kept forming new hidden parts, and `text` is empty. */
export interface MarkupResult extends HygieneResult {
  readonly rejected: boolean;
}

/**
 * Takes out of HTML or Markdown what a page does not show: invisible characters first, then comments, scripts,
 * styles and hidden elements, again and again until nothing changes; after eight rounds it is rejected. An opening
 * without an end hides everything behind it. Not a sanitizer: what is left may still be dangerous to a browser.
 */
export function cleanMarkup(input: string): MarkupResult {
  const { text: visible, removed } = cleanText(input);
  let text = visible;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = cleanText(removeElements(removeComments(text))).text;
    if (next === text) return { text, removed, changed: text !== input, rejected: false };
    text = next;
  }
  return { text: "", removed, changed: true, rejected: true };
}

function removeComments(text: string): string {
  let kept = "";
  let from = 0;
  for (;;) {
    const start = text.indexOf("<!--", from);
    if (start < 0) return kept + text.slice(from);
    kept += text.slice(from, start);
    const end = text.indexOf("-->", start + 4);
    if (end < 0) return kept;
    from = end + 3;
  }
}

function removeElements(text: string): string {
  return cut(cut(text, HIDING), HIDDEN);
}

/** Cuts from each opening tag to the closing tag of that name, or to the end of the text. */
function cut(text: string, opening: RegExp): string {
  const lower = text.toLowerCase();
  // Lower case may be longer than the text (İ); positions would then lie.
  const searched = lower.length === text.length ? lower : text;
  let kept = "";
  let from = 0;
  for (const match of text.matchAll(opening)) {
    if (match.index < from) continue;
    kept += text.slice(from, match.index);
    const end = searched.indexOf(`</${(match[1] ?? "").toLowerCase()}`, match.index);
    const close = end < 0 ? -1 : text.indexOf(">", end);
    if (close < 0) return kept;
    from = close + 1;
  }
  return kept + text.slice(from);
}
