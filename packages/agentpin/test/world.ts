import {
  AgentPinVerifier,
  type CredentialClaims,
  DocumentCache,
  type DocumentResolver,
  signCredential,
  type Verification,
  type VerifierOptions,
} from "@symbiont/agentpin";
import { generateKeyPair, type PrivateKey, sign } from "@symbiont/keys";
import type { JsonObject } from "@symbiont/kit";
import { expect } from "vitest";

/** Seconds since the epoch at which test worlds begin. */
export const START = 1_800_000_000;
export const ISSUER = "deployer.example";
export const AGENT = `urn:agentpin:${ISSUER}:scout`;
export const AUDIENCE = "verifier.example";

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** A published key. */
export function jwkOf(key: PrivateKey, kid: string, more: object = {}): object {
  return { ...key.publicKey.toJwk(), kid, use: "sig", key_ops: ["verify"], ...more };
}

/** An issuer whose documents and time are the test's to change. */
export class World implements DocumentResolver {
  readonly key: PrivateKey;
  now: number = START;
  discovery: any;
  revocation: any;
  /** Documents of other domains. */
  readonly others = new Map<string, { discovery: any; revocation?: any }>();
  /** Thrown instead of an answer. */
  failure: { discovery?: Error; revocation?: Error } = {};
  maxAge: { discovery?: number; revocation?: number } = {};
  readonly asked: string[] = [];
  readonly clock = { now: (): number => this.now * 1000 };

  constructor(key: PrivateKey = generateKeyPair("ES256").privateKey) {
    this.key = key;
    this.discovery = {
      agentpin_version: "0.1",
      entity: ISSUER,
      entity_type: "both",
      public_keys: [jwkOf(key, "k1")],
      agents: [
        {
          agent_id: AGENT,
          name: "scout",
          capabilities: ["read:*", "write:report"],
          status: "active",
          credential_ttl_max: 3_600,
        },
      ],
      max_delegation_depth: 1,
      updated_at: iso(START - 86_400),
    };
    this.revocation = { agentpin_version: "0.1", entity: ISSUER, updated_at: iso(START - 3_600) };
  }

  async fetchDiscovery(issuer: string) {
    this.asked.push(`discovery ${issuer}`);
    if (this.failure.discovery !== undefined) throw this.failure.discovery;
    const document = issuer === ISSUER ? this.discovery : this.others.get(issuer)?.discovery;
    const { discovery: maxAgeSeconds } = this.maxAge;
    return { document: structuredClone(document), ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }) };
  }

  async fetchRevocation(issuer: string) {
    this.asked.push(`revocation ${issuer}`);
    if (this.failure.revocation !== undefined) throw this.failure.revocation;
    const other = this.others.get(issuer);
    const document =
      issuer === ISSUER ? this.revocation : (other?.revocation ?? { ...this.revocation, entity: issuer });
    const { revocation: maxAgeSeconds } = this.maxAge;
    return { document: structuredClone(document), ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }) };
  }

  /** A text that says when something was written, relative to the beginning. */
  at(offset: number): string {
    return iso(START + offset);
  }

  claims(more: object = {}): CredentialClaims & JsonObject {
    return {
      iss: ISSUER,
      sub: AGENT,
      aud: AUDIENCE,
      iat: this.now - 10,
      exp: this.now + 600,
      jti: crypto.randomUUID(),
      agentpin_version: "0.1",
      capabilities: ["read:codebase"],
      ...more,
    };
  }

  token(more: object = {}, { key = this.key, kid = "k1" }: { key?: PrivateKey; kid?: string } = {}): string {
    return signCredential({ key, kid, claims: this.claims(more) });
  }

  verifier(options: Partial<VerifierOptions> = {}, documents = this.cache()): AgentPinVerifier {
    const { clock } = this;
    return new AgentPinVerifier({
      audience: AUDIENCE,
      trust: { issuers: [ISSUER] },
      documents,
      clock,
      ...options,
    });
  }

  cache(options: object = {}): DocumentCache {
    return new DocumentCache({ resolver: this, clock: this.clock, ...options });
  }
}

/** A token of these very parts, signed over whatever they are. */
export function rawToken(key: PrivateKey, header: string, payload: string): string {
  const encode = (text: string): string => Buffer.from(text).toString("base64url");
  return signedToken(key, encode(header), encode(payload));
}

/** A token of parts that are encoded already. */
export function signedToken(key: PrivateKey, header: string, payload: string): string {
  const input = `${header}.${payload}`;
  return `${input}.${Buffer.from(sign(key, input)).toString("base64url")}`;
}

/** The refusal that a result is expected to be. */
export function refused(protocolCode: string, reason?: string): unknown {
  return expect.objectContaining({ valid: false, protocolCode, ...(reason === undefined ? {} : { reason }) });
}

/** What a result says, in short. */
export function said(result: Verification): string {
  return result.valid ? "valid" : `${result.step} ${result.protocolCode} ${result.reason}`;
}
