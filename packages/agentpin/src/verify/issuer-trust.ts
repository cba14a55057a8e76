import type { TrustBundle } from "../bundle/trust-bundle.ts";
import { checkIssuerName } from "../documents/issuer-name.ts";

/**
 * Whose credentials are believed. There is no default: anybody can own a domain.
 *
 * `issuers`: these domains. `bundle`: the domains of a bundle, by the documents in it. `tofu`: any domain, whose key is
 * pinned when it is first seen. Or a function that decides about a domain name before anything is fetched.
 */
export type IssuerTrust =
  | { readonly issuers: readonly string[] }
  | { readonly bundle: TrustBundle }
  | { readonly tofu: true }
  | ((issuer: string) => boolean | Promise<boolean>);

/** Decides about an issuer's name. @throws TypeError; AgentPinError for a name that is none. */
export function readTrust(trust: IssuerTrust): (issuer: string) => boolean | Promise<boolean> {
  if (typeof trust === "function") return trust;
  if (typeof trust === "object" && trust !== null) {
    if ("issuers" in trust && Array.isArray(trust.issuers) && trust.issuers.length > 0) {
      const issuers = new Set(trust.issuers.map(checkIssuerName));
      return (issuer) => issuers.has(issuer);
    }
    // Asked for an issuer that is not in it, the bundle itself says so.
    if ("bundle" in trust && typeof trust.bundle?.peek === "function") return () => true;
    if ("tofu" in trust && trust.tofu === true) return () => true;
  }
  throw new TypeError("trust must be { issuers }, { bundle }, { tofu: true } or a function");
}
