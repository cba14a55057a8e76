/** A stretch of text to replace. */
export interface TextSpan {
  /** Where the words begin that gave the stretch away; at or before `start`. */
  readonly from: number;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Matches where text may be trusted again when the stretch is longer than can be kept. */
  readonly resume: RegExp;
}

/** Behind a token or any other value without white space. */
export const AT_SPACE: RegExp = /\s/;
/** Behind a value that may hold white space. */
export const AT_LINE_END: RegExp = /[\r\n]/;

/** Puts spans in order and joins those that overlap, keeping the replacement of the first. */
export function mergeSpans(spans: TextSpan[]): TextSpan[] {
  if (spans.length < 2) return spans;
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: TextSpan[] = [];
  let last: TextSpan | undefined;
  for (const span of spans) {
    if (last !== undefined && span.start < last.end) {
      const { from, end, resume } = last.end >= span.end ? last : span;
      last = { ...last, from: Math.min(last.from, from, span.from), end, resume };
      merged[merged.length - 1] = last;
    } else {
      last = span;
      merged.push(span);
    }
  }
  return merged;
}

/** Writes the text with each span replaced. Spans are in order and do not overlap. */
export function replaceSpans(text: string, spans: readonly TextSpan[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, replacement } of spans) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}
