import { isKnownCapability, isWildcard, parseCapability } from "./capability.ts";

/** Why a capability goes beyond what was declared. */
export type CapabilityProblem = "capability" | "capability_syntax" | "capability_wildcard" | "admin_wildcard";

const MAX_REMEMBERED = 16;
const MAX_REMEMBERED_LENGTH = 64;

/** Declared capabilities, laid out so that a look-up does not depend on how many there are. */
export class CapabilitySet implements Iterable<string> {
  /** As declared. */
  readonly declared: readonly string[];
  /** What may be asked for literally. */
  readonly #exact = new Set<string>();
  /** Actions that `action:*` was declared for. */
  readonly #anyResource = new Set<string>();
  /** Answers so far: the same few capabilities are asked for again and again. */
  readonly #judged = new Map<string, CapabilityProblem | undefined>();

  constructor(declared: readonly string[]) {
    this.declared = Object.freeze([...declared]);
    for (const text of declared) {
      const capability = parseCapability(text);
      // What is no capability covers nothing.
      if (capability === undefined) continue;
      // The wildcard of administration grants nothing, not even itself.
      if (capability.action !== "admin" || !isWildcard(capability)) this.#exact.add(text);
      if (capability.resource === "*") this.#anyResource.add(capability.action);
    }
  }

  [Symbol.iterator](): Iterator<string> {
    return this.declared[Symbol.iterator]();
  }

  /** Gives why a capability is not covered, or undefined when it is. */
  problemOf(requested: string): CapabilityProblem | undefined {
    if (this.#exact.has(requested)) return undefined;
    if (this.#judged.has(requested)) return this.#judged.get(requested);
    const problem = this.#judge(requested);
    if (requested.length <= MAX_REMEMBERED_LENGTH) {
      if (this.#judged.size >= MAX_REMEMBERED) this.#judged.clear();
      this.#judged.set(requested, problem);
    }
    return problem;
  }

  #judge(requested: string): CapabilityProblem | undefined {
    const wanted = parseCapability(requested);
    if (wanted === undefined) return "capability_syntax";
    const { action, resource } = wanted;
    const wildcard = isWildcard(wanted);
    if (action === "admin" && wildcard) return "admin_wildcard";
    const below = this.#coversAbove(action, resource);
    if (wildcard) return below || this.#anyResource.has(action) ? "capability_wildcard" : "capability";
    if (below) return undefined;
    if (!this.#anyResource.has(action)) return "capability";
    return action === "admin" ? "admin_wildcard" : undefined;
  }

  /** Whether something above the resource was declared: cut at each dot, nothing else can match. */
  #coversAbove(action: string, resource: string): boolean {
    for (let dot = resource.lastIndexOf("."); dot > 0; dot = resource.lastIndexOf(".", dot - 1)) {
      if (this.#exact.has(`${action}:${resource.slice(0, dot)}`)) return true;
    }
    return false;
  }
}

/** Gives the first reason why the requested capabilities are more than the declared ones. */
export function capabilityProblem(
  declared: CapabilitySet,
  requested: readonly string[],
  strict: boolean,
): CapabilityProblem | undefined {
  for (const capability of requested) {
    const problem = declared.problemOf(capability);
    if (problem !== undefined) return problem;
    if (strict && !isKnownCapability(capability)) return "capability_syntax";
  }
  return undefined;
}
