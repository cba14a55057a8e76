import { type CompilePoliciesOptions, compilePolicies } from "../compile/compile-policies.ts";
import { parsePolicies } from "../parse/parse-policies.ts";
import type { PolicyDecision } from "./decision.ts";
import { NO_SET } from "./no-set.ts";
import type { PolicyEvaluator, PolicySet } from "./policy-set.ts";
import type { PolicyRequest } from "./request.ts";

/** A policy file that has not been parsed. */
export interface PolicySource {
  readonly file: string;
  readonly source: string | Uint8Array;
}

/** Options of {@link PolicyHolder}. */
export interface PolicyHolderOptions extends CompilePoliciesOptions {
  /** Told of every set that was refused; the set before it stays in force. A throw is ignored. Default none. */
  readonly onRefused?: (error: unknown) => void;
}

/**
 * Holds the policy set in force and exchanges it as a whole. A new set that is not sound leaves the old one in
 * force; as long as there has never been one, everything is denied with code `policy.parse`.
 */
export class PolicyHolder implements PolicyEvaluator {
  readonly #options: PolicyHolderOptions;
  #set: PolicySet | undefined;
  #error: unknown;

  constructor(options: PolicyHolderOptions = {}) {
    this.#options = options;
  }

  /** The set in force; undefined before the first one. */
  get current(): PolicySet | undefined {
    return this.#set;
  }

  /** Why the last set was refused; undefined when it was not. To be shown by a health check. */
  get error(): unknown {
    return this.#error;
  }

  /**
   * Parses and compiles these files and puts them in force, all at once.
   * @throws PolicyError for the first file that is refused, or for the set; the set before it stays in force.
   */
  swap(sources: readonly PolicySource[]): PolicySet {
    try {
      const files = sources.map(({ file, source }) => parsePolicies(source, { file }));
      const set = compilePolicies(files, this.#options);
      this.#set = set;
      this.#error = undefined;
      return set;
    } catch (error) {
      this.#error = error;
      this.#report(error);
      throw error;
    }
  }

  /** Decides by the set in force. Never throws. */
  evaluate(request: PolicyRequest): PolicyDecision {
    return this.#set?.evaluate(request) ?? NO_SET;
  }

  #report(error: unknown): void {
    try {
      this.#options.onRefused?.(error);
    } catch {
      // The caller of swap() gets the error that matters.
    }
  }
}
