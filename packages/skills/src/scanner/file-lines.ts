import { isCode, type Language } from "./language.ts";
import { type ScanLine, strongest, type Warning } from "./scan-line.ts";
import type { Place } from "./scan-rule.ts";

const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;
const BAD =
  /\b(?:never|avoid|bad|wrong|unsafe|insecure|dangerous|malicious|suspicious|forbid\w{0,4}|prohibit\w{0,3}|anti-?patterns?|red flags?|do not|don['’]t|must not)\b|[❌⛔🚫]/iu;
const ABOUT =
  /\b(?:vulnerab\w{0,8}|attack\w{0,4}|exploit\w{0,5}|detect\w{0,4}|flag(?:s|ged)?|block(?:s|ed)?|den(?:y|ied|ies)|reject(?:s|ed)?|warn\w{0,4}|injection|threat\w{0,2}|scan(?:s|ner)?|rules?|IOCs?)\b|⚠/iu;
const COMMENT = /^\s*(?:#(?!!)|\/\/|--\s|\*\s|REM\s|::)/i;

const MAX_LOOK = 2000;
const none = (): Warning => "none";

/** The lines of a file: where each begins, and in what kind of place it stands. */
export class FileLines {
  readonly text: string;
  readonly starts: readonly number[];
  readonly lines: readonly ScanLine[];

  constructor(text: string, language: Language) {
    this.text = text;
    const { starts, ends } = splitLines(text);
    this.starts = starts;
    const places = new PlaceReader(language);
    const isDocs = !isCode(language) && language !== "data";
    const headings: number[] = [];
    let heading = -1;
    this.lines = starts.map((start, index) => {
      const line = text.slice(start, ends[index]);
      if (line === "") {
        headings.push(heading);
        return {
          text: "",
          view: "raw",
          start,
          place: places.current,
          isObfuscated: false,
          isParagraph: false,
          warning: none,
        };
      }
      const place = places.next(line);
      if (place === "prose" && /^#{1,6}\s/.test(line)) heading = index;
      headings.push(heading);
      const warning = isDocs ? () => this.#warning(index, headings[index] ?? -1) : none;
      return { text: line, view: "raw", start, place, isObfuscated: false, isParagraph: false, warning };
    });
  }

  /** By the heading above it, or by one of the three lines before it. */
  #warning(index: number, heading: number): Warning {
    const lines = [heading, index - 3, index - 2, index - 1].map((at) => this.lines[at]?.text ?? "");
    return strongest(lines.map((line) => warningBefore(line.slice(0, MAX_LOOK))));
  }

  /** Line and column of a place in the text, both from 1. */
  position(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }
}

function splitLines(text: string): { readonly starts: readonly number[]; readonly ends: readonly number[] } {
  const starts = [0];
  const ends: number[] = [];
  for (const match of text.matchAll(LINE_END)) {
    ends.push(match.index);
    starts.push(match.index + match[0].length);
  }
  ends.push(text.length);
  return { starts, ends };
}

/** Follows a file line by line, and tells what each line is. */
class PlaceReader {
  readonly #language: Language;
  #fence: string | undefined;
  #isComment = false;

  constructor(language: Language) {
    this.#language = language;
  }

  /** What an empty line is. */
  get current(): Place {
    if (isCode(this.#language)) return "code";
    if (this.#language === "data") return "data";
    if (this.#fence !== undefined) return "fence";
    return this.#isComment ? "comment" : "prose";
  }

  next(line: string): Place {
    if (isCode(this.#language)) return COMMENT.test(line) ? "comment" : "code";
    return this.#language === "data" ? "data" : this.#docs(line);
  }

  #docs(line: string): Place {
    const fence = /^\s{0,12}(?:[-*>]\s{1,3}|\d{1,3}\.\s{1,3})?(`{3,}|~{3,})/.exec(line)?.[1];
    if (this.#fence !== undefined) {
      if (fence?.startsWith(this.#fence) === true && /^[\s>]*[`~]+\s*$/.test(line)) this.#fence = undefined;
      return "fence";
    }
    if (fence !== undefined && !this.#isComment) {
      this.#fence = fence;
      return "prose";
    }
    const wasComment = this.#isComment;
    const opens = line.lastIndexOf("<!--");
    const closes = line.lastIndexOf("-->");
    if (opens !== -1 || closes !== -1) this.#isComment = opens > closes;
    return wasComment || opens !== -1 ? "comment" : "prose";
  }
}

/** How a text, up to where something was found, warns of it. */
export function warningBefore(text: string): Warning {
  const near = text.slice(-200);
  if (BAD.test(near)) return "strong";
  return ABOUT.test(near) ? "weak" : "none";
}
