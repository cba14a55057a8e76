import type { JsonValue } from "@symbiont/kit";
import { isIssuerName } from "../documents/issuer-name.ts";
import { type Refusal, refuse } from "../refusal.ts";

/** One link of a chain, as a credential carries it. */
export interface DelegationLink {
  readonly domain: string;
  readonly role: "maker" | "deployer";
  readonly agentId: string;
  readonly kid: string;
  readonly attestation: string;
}

const MAX_TEXT_LENGTH = 512;

/** Reads the chain of a credential. An empty one is as good as none. */
export function readDelegationChain(chain: readonly JsonValue[]): readonly DelegationLink[] | Refusal {
  const links: DelegationLink[] = [];
  for (const entry of chain) {
    if (typeof entry !== "object" || entry === null) return invalid("attestation_shape");
    const { domain, role, agent_id: agentId, kid, attestation } = entry as Record<string, JsonValue>;
    if (role !== "maker" && role !== "deployer") return invalid("attestation_role");
    // Delegation starts at the maker; nobody delegates to one.
    if (role === "maker" && links.length > 0) return invalid("attestation_role");
    if (!isIssuerName(domain)) return invalid("attestation_domain");
    if (!isText(agentId) || !isText(kid) || !isText(attestation)) return invalid("attestation_shape");
    links.push({ domain, role, agentId, kid, attestation });
  }
  return links;
}

/** Tells whether a chain of this many links is allowed by all of the parties; nobody allows what nobody is asked about. */
export function isDepthAllowed(links: number, maxDepths: readonly number[]): boolean {
  return maxDepths.length > 0 && links <= Math.min(...maxDepths);
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_TEXT_LENGTH;
}

function invalid(reason: string): Refusal {
  return refuse(10, "DELEGATION_INVALID", reason);
}
