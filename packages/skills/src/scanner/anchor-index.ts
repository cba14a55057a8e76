/**
 * Finds many words in a text at once, whatever their case, in one pass (Aho and Corasick, 1975). It decides which rules
 * are worth trying on a line; without it each rule would have to look at each line.
 */
export class AnchorIndex {
  readonly #classes = new Uint8Array(128);
  readonly #width: number;
  readonly #next: Int32Array;
  /** 1 for the states in which a word ends. */
  readonly #ends: Uint8Array;
  readonly #found: readonly (readonly number[])[];

  /** @param words by the number that is reported; in lower case and ASCII. */
  constructor(words: readonly (readonly string[])[]) {
    let width = 1;
    for (const character of words.flat().join("")) {
      const code = character.charCodeAt(0);
      if (code > 127) throw new RangeError("anchors must be ASCII");
      if (this.#classes[code] !== 0) continue;
      this.#classes[code] = width;
      if (character !== character.toUpperCase()) this.#classes[character.toUpperCase().charCodeAt(0)] = width;
      width += 1;
    }
    this.#width = width;
    const { next, found } = buildTrie(words, this.#classes, width);
    linkFailures(next, found, width);
    this.#next = Int32Array.from(next);
    this.#found = found.map((numbers) => [...numbers]);
    this.#ends = Uint8Array.from(found, ({ size }) => Math.min(size, 1));
  }

  /** The numbers whose words occur between two places of a text; undefined when there are none, as for most lines. */
  find(text: string, start: number, end: number): Set<number> | undefined {
    const classes = this.#classes;
    const width = this.#width;
    const next = this.#next;
    const ends = this.#ends;
    let found: Set<number> | undefined;
    let state = 0;
    for (let at = start; at < end; at += 1) {
      const code = text.charCodeAt(at);
      const kind = code < 128 ? (classes[code] ?? 0) : 0;
      state = kind === 0 ? 0 : (next[state * width + kind] ?? 0);
      if (ends[state] !== 1) continue;
      found ??= new Set();
      for (const number of this.#found[state] ?? []) found.add(number);
    }
    return found;
  }
}

interface Trie {
  readonly next: number[];
  readonly found: Set<number>[];
}

function buildTrie(words: readonly (readonly string[])[], classes: Uint8Array, width: number): Trie {
  const next: number[] = Array.from({ length: width }, () => -1);
  const found: Set<number>[] = [new Set()];
  for (const [number, anchors] of words.entries()) {
    for (const anchor of anchors) {
      let state = 0;
      for (let at = 0; at < anchor.length; at += 1) {
        const edge = state * width + (classes[anchor.charCodeAt(at)] ?? 0);
        if (next[edge] === -1) {
          next[edge] = found.length;
          found.push(new Set());
          for (let kind = 0; kind < width; kind += 1) next.push(-1);
        }
        state = next[edge] ?? 0;
      }
      found[state]?.add(number);
    }
  }
  return { next, found };
}

/** Breadth first, so that where a state falls back to is finished before it. */
function linkFailures(next: number[], found: readonly Set<number>[], width: number): void {
  const failure = new Int32Array(found.length);
  const queue: number[] = [];
  for (let kind = 0; kind < width; kind += 1) {
    const child = next[kind] ?? -1;
    if (child === -1) next[kind] = 0;
    else queue.push(child);
  }
  for (let index = 0; index < queue.length; index += 1) {
    const state = queue[index] ?? 0;
    const back = failure[state] ?? 0;
    for (const number of found[back] ?? []) found[state]?.add(number);
    for (let kind = 0; kind < width; kind += 1) {
      const edge = state * width + kind;
      const child = next[edge] ?? -1;
      const other = next[back * width + kind] ?? 0;
      if (child === -1) next[edge] = other;
      else {
        failure[child] = other;
        queue.push(child);
      }
    }
  }
}
