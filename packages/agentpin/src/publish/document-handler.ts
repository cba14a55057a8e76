import { createJsonHandler, type JsonSource } from "@symbiont/net";
import { parseDiscoveryDocument } from "../documents/discovery-document.ts";
import { checkIssuerName } from "../documents/issuer-name.ts";
import { parseRevocationDocument } from "../revocation/revocation-document.ts";

/** Paths of the documents. */
export const DISCOVERY_PATH = "/.well-known/agent-identity.json";
export const REVOCATION_PATH = "/.well-known/agent-identity-revocations.json";

/**
 * How long clients may keep the documents. `normal`: an hour, and five minutes for revocations. `rotation`: five
 * minutes both, while keys change. `emergency`: not at all, after something was stolen.
 */
export type PublishingPhase = "normal" | "rotation" | "emergency";

/** What is served. A function is asked at every request, so that what it gives may change. */
export interface DocumentHandlerOptions {
  readonly issuer: string;
  readonly discovery: JsonSource;
  readonly revocation: JsonSource;
  /** Default `normal`. */
  readonly phase?: () => PublishingPhase;
}

const CACHE_CONTROL: Readonly<Record<PublishingPhase, readonly [discovery: string, revocation: string]>> = {
  normal: ["public, max-age=3600", "public, max-age=300"],
  rotation: ["public, max-age=300", "public, max-age=300"],
  emergency: ["no-store", "no-store"],
};

/**
 * Builds a handler that serves an issuer's documents. A document that a verifier would refuse is not served, nor is a
 * private key: the handler rejects with what reading it throws.
 *
 * @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` for a name that is none.
 */
export function createDocumentHandler(
  options: DocumentHandlerOptions,
): (request: Request) => Promise<Response> {
  const { discovery, revocation, phase = () => "normal" } = options;
  const issuer = checkIssuerName(options.issuer);
  return createJsonHandler(
    new Map([
      [
        DISCOVERY_PATH,
        {
          document: discovery,
          cacheControl: () => CACHE_CONTROL[phase()][0],
          lastModified: (document) => parseDiscoveryDocument(document, issuer).updatedAt * 1000,
        },
      ],
      [
        REVOCATION_PATH,
        {
          document: revocation,
          cacheControl: () => CACHE_CONTROL[phase()][1],
          lastModified: (document) => parseRevocationDocument(document, issuer).updatedAt * 1000,
        },
      ],
    ]),
  );
}
