import { SchemaPinError } from "./schemapin-error.ts";

/** Deepest delegation between agents that may still use a tool. */
export const MAX_DELEGATION_DEPTH = 3;

/** On whose behalf, and how far, an agent acts for another. It can only ever refuse. */
export interface A2aContext {
  /** Agents between the first caller and this one. */
  readonly delegationDepth: number;
  /** Domains whose tools may be used; `*.x` is everything below x. Empty is no restriction. */
  readonly trustedDomains: readonly string[];
  /** Informational. */
  readonly callerAgentId?: string;
  /** Informational. */
  readonly originatingDomain?: string;
}

/**
 * Tells whether a list allows a domain, exactly as the protocol says: compared as written, an empty or missing list
 * allows every domain, `*` alone none.
 */
export function allowsDomain(list: readonly string[] | null | undefined, domain: string): boolean {
  if (list === null || list === undefined || list.length === 0) return true;
  return list.some(
    (entry) => entry === domain || (entry.startsWith("*.") && domain.endsWith(entry.slice(1))),
  );
}

/**
 * Gives the entries that two lists share, as the protocol does; an empty list gives the other one. The result is for
 * display and for the wire: two lists that share nothing give an empty one, which reads as no restriction. To decide,
 * check each context of a delegation by itself.
 */
export function intersectTrustedDomains(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length === 0) return [...b];
  if (b.length === 0) return [...a];
  return a.filter((entry) => b.includes(entry));
}

/**
 * Checks that every context of a delegation, nearest or farthest first, lets a publisher's tools be used.
 *
 * @throws SchemaPinError `SCHEMAPIN_A2A_CONTEXT_INVALID` when a context is not one, `SCHEMAPIN_A2A_SCOPE_VIOLATION`
 */
export function checkA2aContext(contexts: A2aContext | readonly A2aContext[], publisherDomain: string): void {
  const list = Array.isArray(contexts) ? (contexts as readonly A2aContext[]) : [contexts];
  if (list.length === 0) throw new SchemaPinError("SCHEMAPIN_A2A_CONTEXT_INVALID", "there is no context");
  for (const context of list) {
    checkOne(context as Partial<Record<keyof A2aContext, unknown>> | null, publisherDomain);
  }
}

function checkOne(context: Partial<Record<keyof A2aContext, unknown>> | null, domain: string): void {
  const { delegationDepth: depth, trustedDomains } = context ?? {};
  if (typeof depth !== "number" || !Number.isInteger(depth) || depth < 0)
    throw new SchemaPinError("SCHEMAPIN_A2A_CONTEXT_INVALID", "delegationDepth is not a count");
  if (!isTextList(trustedDomains))
    throw new SchemaPinError("SCHEMAPIN_A2A_CONTEXT_INVALID", "trustedDomains is not a list of domains");
  if (depth > MAX_DELEGATION_DEPTH)
    throw new SchemaPinError("SCHEMAPIN_A2A_SCOPE_VIOLATION", "the delegation is too deep");
  if (!allowsDomain(trustedDomains, domain))
    throw new SchemaPinError("SCHEMAPIN_A2A_SCOPE_VIOLATION", "the delegation does not cover the publisher");
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
