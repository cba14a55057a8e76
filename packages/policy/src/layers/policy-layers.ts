import { type CompilePoliciesOptions, compilePolicies } from "../compile/compile-policies.ts";
import type { PolicyDecision } from "../decide/decision.ts";
import { NO_SET } from "../decide/no-set.ts";
import type { PolicySource } from "../decide/policy-holder.ts";
import type { PolicyEvaluator, PolicySet } from "../decide/policy-set.ts";
import type { PolicyRequest } from "../decide/request.ts";
import type { PolicyFile } from "../parse/ast.ts";
import { parsePolicies } from "../parse/parse-policies.ts";

/** The files of each layer. */
export interface LayeredSources {
  /** In force for every entry point. */
  readonly shared: readonly PolicySource[];
  /** In force for one entry point besides, by its name. Default none. */
  readonly entryPoints?: Readonly<Record<string, readonly PolicySource[]>>;
}

/** Options of {@link PolicyLayers}. */
export interface PolicyLayersOptions extends CompilePoliciesOptions {
  /** Names of all entry points there are, for example `["chat", "http", "schedule"]`. */
  readonly entryPoints: readonly string[];
  /** Told of all sources that were refused; what was in force before stays. A throw is ignored. Default none. */
  readonly onRefused?: (error: unknown) => void;
}

/**
 * Holds one policy set for each entry point: the shared files and its own, compiled together, so that a deny of
 * either layer wins. All sets are exchanged at once or not at all; before the first exchange everything is denied
 * with code `policy.parse`.
 *
 * Differs from Symbiont: a layer for an entry point that nobody declared is refused, for it would never be asked.
 */
export class PolicyLayers {
  readonly #options: PolicyLayersOptions;
  readonly #evaluators: ReadonlyMap<string, PolicyEvaluator>;
  #sets: ReadonlyMap<string, PolicySet> = new Map();
  #error: unknown;

  /** @throws RangeError when an entry point stands twice. */
  constructor(options: PolicyLayersOptions) {
    this.#options = options;
    this.#evaluators = new Map(
      options.entryPoints.map((name) => [name, { evaluate: (request) => this.#evaluate(name, request) }]),
    );
    if (this.#evaluators.size !== options.entryPoints.length)
      throw new RangeError("entryPoints must have different names");
  }

  /** Why the last sources were refused; undefined when they were not. To be shown by a health check. */
  get error(): unknown {
    return this.#error;
  }

  /** The set in force at an entry point; undefined before the first one. */
  current(entryPoint: string): PolicySet | undefined {
    return this.#sets.get(entryPoint);
  }

  /**
   * What decides at an entry point, now and after every exchange.
   * @throws RangeError when there is no entry point of that name.
   */
  at(entryPoint: string): PolicyEvaluator {
    const evaluator = this.#evaluators.get(entryPoint);
    if (evaluator === undefined) throw new RangeError(`there is no entry point ${entryPoint}`);
    return evaluator;
  }

  /**
   * Parses and compiles all layers and puts them in force, all at once.
   * @throws PolicyError for the first file or set that is refused.
   * @throws RangeError for a layer whose entry point was not declared.
   */
  swap({ shared, entryPoints = {} }: LayeredSources): void {
    try {
      for (const name of Object.keys(entryPoints)) this.at(name);
      const common = shared.map(parse);
      this.#sets = new Map(
        this.#options.entryPoints.map((name) => {
          const own = Object.hasOwn(entryPoints, name) ? (entryPoints[name] ?? []) : [];
          return [name, compilePolicies([...common, ...own.map(parse)], this.#options)];
        }),
      );
      this.#error = undefined;
    } catch (error) {
      this.refuse(error);
      throw error;
    }
  }

  /** Notes that there are new sources which cannot even be read; what is in force stays. */
  refuse(error: unknown): void {
    this.#error = error;
    try {
      this.#options.onRefused?.(error);
    } catch {
      // Whoever exchanges the sets gets the error that matters.
    }
  }

  #evaluate(entryPoint: string, request: PolicyRequest): PolicyDecision {
    return this.#sets.get(entryPoint)?.evaluate(request) ?? NO_SET;
  }
}

function parse({ file, source }: PolicySource): PolicyFile {
  return parsePolicies(source, { file });
}
