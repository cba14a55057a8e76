import * as untyped from "agentpin";

/** A result of the reference. */
export interface OracleResult {
  readonly valid: boolean;
  readonly error_code?: string;
}

/** As much of npm `agentpin` 0.3.0, which has no types, as is compared with. */
interface Oracle {
  issueCredential(
    privateKeyPem: string,
    kid: string,
    issuer: string,
    agentId: string,
    audience: string | null,
    capabilities: readonly string[],
    constraints: object | null,
    delegationChain: readonly object[] | null,
    ttlSecs: number,
  ): string;
  verifyCredentialOffline(
    jwt: string,
    discovery: object,
    revocation: object | null,
    pinStore: unknown,
    audience: string | null,
    config?: object,
  ): OracleResult;
  createAttestation(
    privateKeyPem: string,
    kid: string,
    domain: string,
    role: string,
    agentId: string,
    delegateeDomain: string,
    delegateeAgentId: string,
    capabilities: readonly object[],
  ): { readonly attestation: string };
  createChallenge(): object & { readonly nonce: string };
  createResponse(challenge: object, privateKeyPem: string, kid: string): object;
  verifyResponse(response: object, challenge: object, publicKeyPem: string): boolean;
  verifyAttestation(
    attestation: object,
    publicKeyPem: string,
    delegateeDomain: string,
    delegateeAgentId: string,
    capabilities: readonly object[],
  ): void;
  readonly Capability: new (text: string) => object;
  readonly KeyPinStore: new () => { toJson(): string };
  validateDiscoveryDocument(document: object, entity: string): void;
}

/** The reference implementation as it is published. */
export const oracle: Oracle = untyped;
