import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why there is no guard. */
export type GuardErrorCode =
  | "GUARD_CONFIG_INVALID"
  | "GUARD_ENVIRONMENT_INVALID"
  | "GUARD_PRODUCTION_REFUSED"
  | "GUARD_START_FAILED"
  | "GUARD_CLOSE_FAILED";

/** One thing that is wrong with a configuration or an environment. */
export interface GuardProblem {
  /** Where: `audit.key`, or the name of a variable. */
  readonly path: string;
  /** What stands there, by its kind and never by its value: `a number`, `nothing`. */
  readonly found: string;
  /** What to write instead. */
  readonly fix: string;
}

/** Error of `@symbiont/core/guard`: everything that is wrong, at once. */
export class GuardError extends SymbiontError<GuardErrorCode> {
  /** Never empty for the first three codes. */
  readonly problems: readonly GuardProblem[];

  constructor(
    code: GuardErrorCode,
    message: string,
    options: SymbiontErrorOptions & { readonly problems?: readonly GuardProblem[] } = {},
  ) {
    const { problems = [] } = options;
    super(code, [message, ...problems.map(line)].join("\n"), options);
    this.problems = problems;
  }
}

function line({ path, found, fix }: GuardProblem): string {
  return `  ${path}: ${found}; ${fix}`;
}
