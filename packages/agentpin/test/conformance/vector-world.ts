import { readFileSync } from "node:fs";
import {
  AgentPinError,
  AgentPinVerifier,
  DocumentCache,
  type DocumentResolver,
  importPins,
  MemoryPinStore,
  type Verification,
  type VerifierOptions,
} from "@symbiont/agentpin";

const read = (name: string): any =>
  JSON.parse(readFileSync(new URL(`../vectors/agentpin/${name}.json`, import.meta.url), "utf8"));

/** Documents by the names that vectors call them. */
export const namedDocuments: Record<string, any> = read("documents").documents;

/** Key pairs by key id. */
export const namedKeys: Map<string, any> = new Map(read("keys").keys.map((key: any) => [key.kid, key]));

const tokens = new Map<string, string>();

/** Takes in what a vector file of somebody else's names, so that the other files find it. */
export function learn(named: {
  readonly documents?: object;
  readonly keys?: any[];
  readonly cases?: any[];
}): void {
  Object.assign(namedDocuments, named.documents);
  for (const key of named.keys ?? []) namedKeys.set(key.kid, key);
  for (const { id, jwt } of named.cases ?? []) tokens.set(id, jwt);
}

/** The token of a case of verification.json. */
export function tokenOf(id: string): string {
  return tokens.get(id) ?? read("verification").cases.find((one: any) => one.id === id).jwt;
}

/** The world as one vector has it: whoever is asked for gets this document. */
export class VectorWorld implements DocumentResolver {
  discovery: any;
  revocation: any;
  /** Documents of further domains; they revoke nothing. */
  readonly others = new Map<string, any>();
  discoveryDown = false;
  revocationDown = false;
  fetches = 0;

  constructor(discovery: any, revocation: any) {
    this.discovery = structuredClone(discovery);
    this.revocation = structuredClone(revocation);
  }

  async fetchDiscovery(issuer: string) {
    this.fetches += 1;
    if (this.discoveryDown) throw unreachable(3);
    const document = this.others.get(issuer) ?? this.discovery;
    if (document === undefined) throw unreachable(3);
    return { document: structuredClone(document) };
  }

  async fetchRevocation(issuer: string) {
    if (this.others.has(issuer)) return { document: { ...namedDocuments["rev_empty"], entity: issuer } };
    if (this.revocationDown || this.revocation === undefined) throw unreachable(6);
    return { document: structuredClone(this.revocation) };
  }
}

/** A verifier in such a world at one moment. */
export function verifierIn(
  world: VectorWorld,
  { now, ...options }: { now: () => number } & Partial<VerifierOptions>,
): { verifier: AgentPinVerifier; cache: DocumentCache } {
  const clock = { now: () => now() * 1000 };
  const cache = new DocumentCache({ resolver: world, clock });
  const verifier = new AgentPinVerifier({
    audience: "verifier.example",
    trust: () => true,
    documents: cache,
    clock,
    ...options,
  });
  return { verifier, cache };
}

/** The pins of a vector. */
export function pinsOf(stored: unknown): MemoryPinStore {
  return new MemoryPinStore(stored == null ? [] : importPins(JSON.stringify(stored)));
}

/** What a vector compares: the protocol's code, and our reason and step, as far as it names them. */
export function outcomeOf(result: Verification, expected: any): object {
  if (result.valid) return { valid: true };
  const { protocolCode: error_code, reason, step } = result;
  return {
    valid: false,
    error_code,
    ...("reason" in expected ? { reason } : {}),
    ...("step" in expected ? { step } : {}),
  };
}

function unreachable(step: number): AgentPinError {
  return new AgentPinError("AGENTPIN_DISCOVERY_FETCH_FAILED", "no answer", {
    reason: "unavailable",
    step,
    retryable: true,
  });
}
