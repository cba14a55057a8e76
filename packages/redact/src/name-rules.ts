import { classifyName, foldName, type NameKind } from "./sensitive-name.ts";

const MAX_CACHED = 2_000;
const MAX_CACHED_LENGTH = 64;

/** Which names a {@link NameRules} takes for secret. */
export interface NameRulesOptions {
  /** Further names. */
  readonly names: readonly string[];
  /** Compare `names` letter by letter instead of folded. */
  readonly exact: boolean;
  /** Also the built-in list. */
  readonly builtIn: boolean;
}

/** What is known about one name. */
export interface NameAnswer {
  /** The value of any name that is not `plain` is to be redacted. */
  readonly kind: NameKind;
  /** The name as it may be shown: names can hold secrets too. */
  readonly shown: string;
  /** Whether the answer is remembered: it must not be used any more once it was forgotten. */
  isCurrent: boolean;
}

/** Names like this are remembered: words, not values that happen to stand before a separator. */
const WORDS_ONLY = /^[A-Za-z_.-]{1,48}$/;

/** Answers whether a name stands for a secret, and remembers the answer. */
export class NameRules {
  readonly #names: ReadonlySet<string>;
  readonly #options: NameRulesOptions;
  readonly #kinds = new Map<string, NameKind>();
  readonly #answers = new Map<string, NameAnswer>();

  constructor(options: NameRulesOptions) {
    this.#options = options;
    this.#names = new Set(options.exact ? options.names : options.names.map(foldName));
  }

  /** What a value of this name is. */
  classify(name: string): NameKind {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const kind = this.#classify(name);
    if (WORDS_ONLY.test(name)) {
      // Names can be made up without end; starting over is cheaper than keeping track of their age.
      if (this.#kinds.size >= MAX_CACHED) this.#kinds.clear();
      this.#kinds.set(name, kind);
    }
    return kind;
  }

  #classify(name: string): NameKind {
    const { exact, builtIn } = this.#options;
    if (this.#names.has(exact ? name : foldName(name))) return "secret";
    return builtIn ? classifyName(name) : "plain";
  }

  /** The answer for a member's name, when it has been learnt. */
  known(name: string): NameAnswer | undefined {
    return this.#answers.get(name);
  }

  /** @param shown the name as it may be shown. */
  learn(name: string, shown: string): NameAnswer {
    // A name that holds a secret is not kept.
    const isCurrent = name.length <= MAX_CACHED_LENGTH && shown === name;
    const answer: NameAnswer = { kind: this.classify(name), shown, isCurrent };
    if (isCurrent) {
      if (this.#answers.size >= MAX_CACHED) this.forget();
      this.#answers.set(name, answer);
    }
    return answer;
  }

  /** Forgets the answers, because what may be shown has changed. */
  forget(): void {
    for (const answer of this.#answers.values()) answer.isCurrent = false;
    this.#answers.clear();
  }
}
