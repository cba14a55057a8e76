import type { ApiKeyInfo } from "./record.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Writes an agent id the one way it is compared: UUIDs in lower case, everything else as it is.
 *
 * Differs from Symbiont: there the comparison of UUIDs is case-sensitive.
 */
export function normalizeAgent(agent: string): string {
  return UUID.test(agent) ? agent.toLowerCase() : agent;
}

/** Tells whether a key may act for an agent. Use it to filter lists too. */
export function allowsAgent(key: Pick<ApiKeyInfo, "agentScope">, agent: string): boolean {
  if (key.agentScope === null) return true;
  const wanted = normalizeAgent(agent);
  return key.agentScope.some((allowed) => normalizeAgent(allowed) === wanted);
}
