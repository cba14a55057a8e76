import { RedactError } from "./errors.ts";
import type { KnownValues } from "./known-values.ts";
import type { TextScanner } from "./text-scanner.ts";
import { replaceSpans } from "./text-span.ts";

/** Words held back: more than any detector needs to tell a secret by what stands around it. */
const WORDS_HELD = 8;
/** Characters before the held text that detectors may look at. */
const CONTEXT = 128;
/** Held text beyond this length is let go, all but WINDOW of it. */
const MAX_HELD = 16_384;
const WINDOW = 4_096;
/** What a resume pattern may need to see of text that is being dropped. */
const RESUME_WINDOW = 128;

/**
 * Redacts text that arrives in pieces, so that a secret cut in two is found: what could still become part of
 * one is held back until more text decides. The pieces that come out, joined, are the redacted whole.
 */
export class TextRedactor {
  readonly #scanner: TextScanner;
  readonly #known: KnownValues;
  #context = "";
  #held = "";
  /** Set while a secret too long to hold goes by. */
  #resume: RegExp | undefined;
  #ended = false;

  constructor(scanner: TextScanner, known: KnownValues) {
    this.#scanner = scanner;
    this.#known = known;
  }

  /**
   * Takes the next piece and returns the text that is now safe to show, often less than the piece.
   * @throws RedactError `REDACT_STREAM_ENDED` after {@link flush}.
   */
  push(chunk: string): string {
    this.#checkOpen();
    let result = "";
    // Long pieces are taken in parts, so that what is scanned at a time stays small.
    for (let at = 0; at < chunk.length; at += MAX_HELD) result += this.#take(chunk.slice(at, at + MAX_HELD));
    return result;
  }

  /**
   * Ends the text and returns what was held back.
   * @throws RedactError `REDACT_STREAM_ENDED` when called twice.
   */
  flush(): string {
    this.#checkOpen();
    this.#ended = true;
    return this.#resume === undefined ? this.#emit(this.#held.length) : "";
  }

  #checkOpen(): void {
    if (this.#ended) throw new RedactError("REDACT_STREAM_ENDED", "the text has already been ended");
  }

  #take(chunk: string): string {
    this.#held += chunk;
    if (this.#resume !== undefined && !this.#passSecret(this.#resume)) return "";
    const length = this.#held.length;
    const spans = this.#findHeld();
    let cut = Math.min(wordsFromEnd(this.#held, WORDS_HELD), this.#known.openAt(this.#held));
    // One more look is needed for each span that the cut would split, as it may reach back over another.
    for (const span of spans.toReversed())
      if (span.end > cut || span.end === length) cut = Math.min(cut, span.from);
    if (length - cut <= MAX_HELD) return this.#emit(cut, spans);
    const open = spans.find((span) => span.from <= cut && span.end === length);
    if (open === undefined) {
      const window = length - WINDOW;
      const split = spans.find((span) => span.from < window && span.end > window);
      return this.#emit(split?.from ?? window, spans);
    }
    const result = this.#emit(length, spans);
    this.#resume = open.resume;
    return result;
  }

  /** Drops text up to where it may be trusted again; false when that has not come yet. */
  #passSecret(resume: RegExp): boolean {
    const match = resume.exec(this.#held);
    if (match === null) {
      this.#held = this.#held.slice(-RESUME_WINDOW);
      return false;
    }
    this.#resume = undefined;
    // White space stays; the end line of a block goes.
    this.#held = this.#held.slice(match[0].length === 1 ? match.index : match.index + match[0].length);
    this.#context = "";
    return true;
  }

  /** Spans of the held text. Those that begin in the context were dealt with when it was held. */
  #findHeld(): ReturnType<TextScanner["find"]> {
    const shift = this.#context.length;
    return this.#scanner
      .find(this.#context + this.#held)
      .filter((span) => span.from >= shift)
      .map((span) => ({
        ...span,
        from: span.from - shift,
        start: span.start - shift,
        end: span.end - shift,
      }));
  }

  #emit(cut: number, spans: ReturnType<TextScanner["find"]> = this.#findHeld()): string {
    const safe = this.#held.slice(0, cut);
    const result = replaceSpans(
      safe,
      spans.filter((span) => span.end <= cut),
    );
    this.#context = (this.#context + safe).slice(-CONTEXT);
    this.#held = this.#held.slice(cut);
    return result;
  }
}

/** Where the last `count` words of a text begin. Tokens are ASCII, so any other character is a word by itself. */
function wordsFromEnd(text: string, count: number): number {
  let words = 0;
  let inWord = false;
  for (let at = text.length; at > 0; at -= 1) {
    const unit = text.charCodeAt(at - 1);
    if (unit > 0x20 && unit <= 0x7f) {
      inWord = true;
      continue;
    }
    if (inWord) words += 1;
    inWord = false;
    if (words === count) return at;
    if (unit > 0x7f && !isLowSurrogate(unit)) {
      words += 1;
      if (words === count) return at - 1;
    }
  }
  return 0;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
