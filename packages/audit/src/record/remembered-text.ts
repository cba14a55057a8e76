import { quoteText } from "./plain-object.ts";

/** What is longer is seldom the same twice. */
const LONGEST_UNITS = 128;
/** After so many changes in a row nothing is remembered any more: it would cost more than it saves. */
const MOST_CHANGES = 16;

/**
 * Writes strings as canonical JSON after a text that stays. From one record to the next a string is often the same: what
 * was written last is remembered, in a copy of its own, and what is remembered is what would be written again.
 */
export class RememberedText {
  readonly #before: string;
  #value: string | undefined;
  #text = "";
  #changes = 0;

  /** @param before what stands before each string. */
  constructor(before: string) {
    this.#before = before;
  }

  /** The text with a string; undefined when that is not remembered, and has to be written. */
  of(value: string): string | undefined {
    if (value === this.#value) {
      this.#changes = 0;
      return this.#text;
    }
    return this.#changes < MOST_CHANGES && value.length <= LONGEST_UNITS ? this.#remember(value) : undefined;
  }

  #remember(value: string): string {
    this.#changes += 1;
    this.#value = ownCopy(value);
    this.#text = ownCopy(this.#before + quoteText(value));
    return this.#text;
  }
}

/** The same text in memory of its own: a part of a long string would keep all of that alive. Names are copied and shared. */
function ownCopy(text: string): string {
  return Object.keys({ [text]: 0 })[0] as string;
}
