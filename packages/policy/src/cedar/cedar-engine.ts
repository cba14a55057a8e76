import type { Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import type { PolicySource } from "../decide/policy-holder.ts";
import { PolicyError } from "../error.ts";
import { type CedarModule, loadCedar } from "./cedar-module.ts";
import {
  answerOf,
  type CedarPolicies,
  checkFileNames,
  NON_ASCII,
  readCedarPolicies,
} from "./cedar-policies.ts";
import {
  CEDAR_SHAPES,
  CedarRefusal,
  type CedarRequest,
  type CedarShape,
  toCedarContext,
} from "./cedar-request.ts";
import { readCedarAnswer, refusal } from "./read-cedar-answer.ts";

/** Options of {@link CedarEngine}. */
export interface CedarEngineOptions {
  /** Files of Cedar policies. */
  readonly policies: readonly PolicySource[];
  /** Cedar schema; policies are validated against it when they are loaded, requests when they are made. Default none. */
  readonly schema?: string;
  /** How requests are said in the words of the policies. Default `CEDAR_SHAPES.runtime`. */
  readonly shape?: CedarShape;
  /**
   * Top-level names of the context whose numbers with a fraction may become `decimal` values (at most 4 digits). Only
   * for facts that the host vouches for. Default none: such a number denies.
   */
  readonly decimals?: readonly string[];
  /** Gives a new instance of Cedar each time. Default: `@cedar-policy/cedar-wasm/nodejs`, which must be installed. */
  readonly load?: () => CedarModule;
}

const TOO_DEEP = "an expression is too deep for Cedar";

/** Parsed policy sets cannot be removed from Cedar, so there are two places that are used in turn. */
const SLOTS = ["a", "b"] as const;

/**
 * Cedar behind the port that gates ask, made to fail closed: a forbid whose condition has no value denies, so does a
 * context that Cedar cannot take, a policy that is not sound, and Cedar missing or broken. Answers at once.
 */
export class CedarEngine implements DecisionPoint {
  readonly #options: CedarEngineOptions;
  readonly #shape: CedarShape;
  readonly #decimals: ReadonlySet<string>;
  #cedar: CedarModule | undefined;
  #slot = 0;
  #policies: CedarPolicies | undefined;
  #error: unknown;

  /** Never throws for policies: look at `error`. */
  constructor(options: CedarEngineOptions) {
    this.#options = options;
    this.#shape = options.shape ?? CEDAR_SHAPES.runtime;
    this.#decimals = new Set(options.decimals);
    try {
      this.swap(options.policies);
    } catch {
      // Kept in `error`; every decision denies.
    }
  }

  /** Why the last policies were refused or Cedar does not work; undefined when all is well. */
  get error(): unknown {
    return this.#error;
  }

  /**
   * Puts other policies in force, as a whole. If they are refused, those before stay.
   * @throws PolicyError; RangeError for two files of one name; or what loading Cedar throws.
   */
  swap(sources: readonly PolicySource[]): void {
    try {
      checkFileNames(sources);
      this.#cedar ??= this.#load();
      this.#take(this.#cedar, sources);
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
      if (!PolicyError.is(error) || mayHaveBroken(error.cause)) this.#restore();
      throw error;
    }
  }

  #take(cedar: CedarModule, sources: readonly PolicySource[]): void {
    try {
      this.#install(cedar, readCedarPolicies(cedar, sources, this.#options.schema));
    } catch (cause) {
      if (!mayHaveBroken(cause)) throw cause;
      // Cedar does not say which of them it was.
      const diagnostics = sources.map(({ file }) => ({ file, line: 1, column: 1, message: TOO_DEEP }));
      throw new PolicyError("POLICY_TOO_LARGE", diagnostics, { cause });
    }
  }

  decide(request: DecisionRequest): Decision {
    const policies = this.#policies;
    if (policies === undefined || this.#cedar === undefined) return refusal(this.#codeOfError());
    let call: object;
    try {
      call = this.#toCall(this.#shape(request));
    } catch (error) {
      return refusal(error instanceof CedarRefusal ? error.code : "engine.request", policies.digest);
    }
    try {
      return readCedarAnswer(this.#cedar.statefulIsAuthorized(call), policies);
    } catch (error) {
      if (mayHaveBroken(error)) this.#restore();
      return refusal("engine.request", policies.digest);
    }
  }

  #toCall({ principal, action, resource, context, parents }: CedarRequest): object {
    return {
      principal,
      action,
      resource,
      context: toCedarContext(context, this.#decimals),
      entities: [
        { uid: principal, attrs: {}, parents },
        ...parents.map((uid) => ({ uid, attrs: {}, parents: [] })),
      ],
      preparsedPolicySetId: SLOTS[this.#slot],
      ...(this.#options.schema === undefined
        ? {}
        : { preparsedSchemaName: SLOTS[this.#slot], validateRequest: true }),
    };
  }

  #install(cedar: CedarModule, policies: CedarPolicies): void {
    const next = 1 - this.#slot;
    const id = SLOTS[next] ?? "a";
    const { schema } = this.#options;
    if (schema !== undefined) answerOf(cedar.preparseSchema(id, schema), "schema");
    answerOf(cedar.preparsePolicySet(id, { staticPolicies: { ...policies.texts } }), "policies");
    this.#slot = next;
    this.#policies = policies;
  }

  /** Goes on with a new instance and the policies in force; without one, everything is denied. */
  #restore(): void {
    this.#cedar = undefined;
    try {
      const cedar = this.#load();
      if (this.#policies !== undefined) this.#install(cedar, this.#policies);
      this.#cedar = cedar;
    } catch (error) {
      this.#error = error;
    }
  }

  #load(): CedarModule {
    return (this.#options.load ?? loadCedar)();
  }

  #codeOfError(): string {
    if (!PolicyError.is(this.#error)) return "engine.unavailable";
    const isName = this.#error.diagnostics.some(({ message }) => message === NON_ASCII);
    return isName ? "policy.lint:non_ascii_identifier" : "policy.parse";
  }
}

/** A trap, or the end of the stack, can leave an instance in any state. Other errors are answers of Cedar. */
function mayHaveBroken(error: unknown): boolean {
  const { name } = (error ?? {}) as { readonly name?: unknown };
  return name === "RuntimeError" || name === "RangeError";
}
