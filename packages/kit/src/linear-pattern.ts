import { type PatternPiece, parsePattern } from "./parse-pattern.ts";

/** Tells whether a pattern matches somewhere in a text; reports its work, in steps, as it goes. */
export type LinearPattern = (text: string, spendSteps: (steps: number) => void) => boolean;

/** Most instructions one pattern may compile to. */
const MAX_INSTRUCTIONS = 4000;

/** What stands before the first and behind the last character. */
const OUTSIDE = -1;

type Instruction =
  | { readonly kind: "match" }
  | { readonly kind: "character"; readonly accepts: (point: number) => boolean; readonly next: number }
  | {
      readonly kind: "assert";
      readonly holds: (before: number, after: number) => boolean;
      readonly next: number;
    }
  | { readonly kind: "split"; readonly targets: number[] };

/**
 * Compiles a JSON Schema `pattern` so that matching takes time linear in the text: all states of a finite
 * automaton are followed at once, instead of one after the other. No pattern can make it backtrack.
 *
 * @throws SyntaxError when the pattern is not valid, not supported or too large.
 * @see https://swtch.com/~rsc/regexp/regexp2.html
 */
export function compilePattern(source: string): LinearPattern {
  const assembler = new Assembler();
  const start = assembler.emit(parsePattern(source), assembler.push({ kind: "match" }));
  const { program } = assembler;
  return (text, spendSteps) => run(program, start, text, spendSteps);
}

/** Writes a program from its end to its start, so that every instruction knows what comes next. */
class Assembler {
  readonly program: Instruction[] = [];
  #pieces = 0;

  push(instruction: Instruction): number {
    return this.program.push(instruction) - 1;
  }

  /** @returns where the program enters the piece. */
  emit(piece: PatternPiece, next: number): number {
    // Counted in pieces, because even empty ones can be repeated without end.
    this.#pieces += 1;
    if (this.#pieces > MAX_INSTRUCTIONS) throw new SyntaxError("pattern is too large");
    switch (piece.kind) {
      case "character":
      case "assert":
        return this.push({ ...piece, next });
      case "sequence":
        return piece.pieces.reduceRight((entry, part) => this.emit(part, entry), next);
      case "choice":
        return this.push({ kind: "split", targets: piece.pieces.map((part) => this.emit(part, next)) });
      case "repeat":
        return this.#repeat(piece, next);
      default:
        throw new SyntaxError("pattern is not supported");
    }
  }

  #repeat({ piece, least, most }: PatternPiece & { kind: "repeat" }, next: number): number {
    let entry = next;
    if (most === Number.POSITIVE_INFINITY) {
      const targets = [next];
      entry = this.push({ kind: "split", targets });
      targets.push(this.emit(piece, entry));
    } else {
      for (let count = least; count < most; count += 1) {
        entry = this.push({ kind: "split", targets: [this.emit(piece, entry), next] });
      }
    }
    for (let count = 0; count < least; count += 1) entry = this.emit(piece, entry);
    return entry;
  }
}

function run(
  program: readonly Instruction[],
  start: number,
  text: string,
  spendSteps: (steps: number) => void,
): boolean {
  const reached = new Int32Array(program.length).fill(OUTSIDE); // position at which each was last reached
  let waiting: number[] = [];
  let before = OUTSIDE;
  for (let at = 0; ; ) {
    const after = text.codePointAt(at) ?? OUTSIDE;
    const stack = [...waiting, start];
    let steps = 0;
    waiting = [];
    for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
      if (reached[pc] === at) continue;
      reached[pc] = at;
      steps += 1;
      const instruction = program[pc];
      if (instruction === undefined || instruction.kind === "match") return true;
      if (instruction.kind === "split") stack.push(...instruction.targets);
      else if (instruction.kind === "character") {
        if (after !== OUTSIDE && instruction.accepts(after)) waiting.push(instruction.next);
      } else if (instruction.holds(before, after)) stack.push(instruction.next);
    }
    spendSteps(steps);
    if (after === OUTSIDE) return false;
    before = after;
    at += after > 0xffff ? 2 : 1;
  }
}
