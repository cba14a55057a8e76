/**
 * Finds many words in a text at once, whatever their case, in one pass (Aho and Corasick, 1975). It decides which rules
 * are worth trying on a line; without it each rule would have to look at each line.
 */
export class AnchorIndex {
  readonly #classes = new Uint8Array(128);
  readonly #width: number;
  readonly #next: Int32Array;
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
  }

  /** Adds the numbers whose words occur between two places of a text. */
  find(text: string, start: number, end: number, into: Set<number>): void {
    let state = 0;
    for (let at = start; at < end; at += 1) {
      const code = text.charCodeAt(at);
      const kind = code < 128 ? (this.#classes[code] ?? 0) : 0;
      state = kind === 0 ? 0 : (this.#next[state * this.#width + kind] ?? 0);
      const numbers = this.#found[state];
      if (state !== 0 && numbers !== undefined) for (const number of numbers) into.add(number);
    }
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
