import type { NameAnswer } from "./name-rules.ts";

const MOST = 32;

/** What a walk has to know about one member of an object. */
export interface MemberAnswer<State> {
  readonly key: string;
  readonly name: NameAnswer;
  /** What the schema says about the member's value. */
  readonly state: State | undefined;
}

/**
 * The answers about the members of the last object at one place. Objects of one kind list the same members in the
 * same order, so that comparing a name with the one that stood there last saves looking it up.
 */
export class MemberMemory<State> {
  readonly #answers: MemberAnswer<State>[] = [];

  /** The answer about the member `key` when it also stood at `index` last time. */
  recall(index: number, key: string): MemberAnswer<State> | undefined {
    const answer = this.#answers[index];
    return answer?.key === key && answer.name.isCurrent ? answer : undefined;
  }

  /** Keeps an answer, if it may be kept. */
  keep(index: number, answer: MemberAnswer<State>): void {
    if (index < MOST && index <= this.#answers.length && answer.name.isCurrent) this.#answers[index] = answer;
  }
}
