import { Refusal } from "../denial.ts";

/** Units of work that one check may take; one is a microsecond or two. */
const CAPACITY = 100_000;
/** Steps of pattern matching to one unit. */
const STEPS_PER_UNIT = 32;
/** Comparisons of list elements to one unit. */
const COMPARISONS_PER_UNIT = 16;
/** Code units of a text that is counted or held against a format, to one unit. */
export const CHARACTERS_PER_UNIT = 128;

/**
 * Bounds the work of one check, whatever the schema and the arguments are: a few references or a list that
 * must be unique can ask for more work than there is time.
 */
export class Meter {
  #left = 0;
  #arguments: Record<string, unknown> = {};
  #texts: readonly string[] | undefined;
  #pairs: number | undefined;
  #longest: number | undefined;
  readonly #matches = new Map<object, readonly string[]>();

  /** Starts a check. */
  open(values: Record<string, unknown>): void {
    this.#left = CAPACITY;
    this.#arguments = values;
    this.#texts = undefined;
    this.#pairs = undefined;
    this.#longest = undefined;
    this.#matches.clear();
  }

  /** Lets go of the arguments. */
  close(): void {
    this.open({});
  }

  /** @throws Refusal `args.too_large` when the work is used up. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new Refusal("args.too_large", "checking these arguments takes too much work");
  }

  /** Pays for steps of pattern matching. */
  spendSteps(steps: number): void {
    this.spend(steps / STEPS_PER_UNIT);
  }

  /** Pays for reading a text from one end to the other: the longest one, since it is not known which it will be. */
  spendReading(): void {
    this.#longest ??= this.#allTexts().reduce((longest, { length }) => Math.max(longest, length), 0);
    this.spend(this.#longest / CHARACTERS_PER_UNIT);
  }

  /** Pays for comparing the elements of the arguments' lists with one another. */
  spendComparisons(): void {
    this.#pairs ??= countPairs(this.#arguments).pairs;
    this.spend(this.#pairs / COMPARISONS_PER_UNIT);
  }

  /** Texts and names in the arguments that pass (or fail) a test, worked out once for each check and key. */
  select(key: object, test: (text: string) => boolean): readonly string[] {
    let selected = this.#matches.get(key);
    if (selected === undefined) {
      selected = this.#allTexts().filter(test);
      this.#matches.set(key, selected);
    }
    this.spend(selected.length / COMPARISONS_PER_UNIT);
    return selected;
  }

  #allTexts(): readonly string[] {
    this.#texts ??= [...collectTexts(this.#arguments, new Set())];
    return this.#texts;
  }
}

function collectTexts(value: unknown, texts: Set<string>): Set<string> {
  if (typeof value === "string") texts.add(value);
  else if (typeof value === "object" && value !== null) {
    if (!Array.isArray(value)) for (const name of Object.keys(value)) texts.add(name);
    for (const part of Object.values(value)) collectTexts(part, texts);
  }
  return texts;
}

/** Parts below a value, and over all lists the elements times the parts below: the cost of comparing each pair. */
function countPairs(value: unknown): { readonly parts: number; readonly pairs: number } {
  if (typeof value !== "object" || value === null) return { parts: 1, pairs: 0 };
  const values: unknown[] = Object.values(value);
  let parts = 1;
  let pairs = 0;
  for (const part of values) {
    const below = countPairs(part);
    parts += below.parts;
    pairs += below.pairs;
  }
  return { parts, pairs: pairs + (Array.isArray(value) ? values.length * parts : 0) };
}
