/** A text after cleaning, and what is gone. */
export interface HygieneResult {
  readonly text: string;
  /** Characters that were removed, in the order of their code points. */
  readonly removed: readonly RemovedCharacter[];
  /** Whether anything is different, also by normalization. */
  readonly changed: boolean;
}

/** How often one character was removed. */
export interface RemovedCharacter {
  readonly codePoint: number;
  readonly count: number;
}

/** Counts removed characters. */
export class Removals {
  readonly #counts = new Map<number, number>();

  /** Notes every character of a piece that is left out. */
  add(piece: string): void {
    for (const character of piece) {
      const point = character.codePointAt(0) ?? 0;
      this.#counts.set(point, (this.#counts.get(point) ?? 0) + 1);
    }
  }

  list(): readonly RemovedCharacter[] {
    return [...this.#counts]
      .map(([codePoint, count]) => ({ codePoint, count }))
      .sort((a, b) => a.codePoint - b.codePoint);
  }
}
