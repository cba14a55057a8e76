import { excerpt } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const LETTER_FIRST = /^[a-z]/;
const MAX_LENGTH = 253;
/** Names that no public server can have. @see RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476 */
const SPECIAL_USE: readonly string[] = ["localhost", "local", "internal", "home.arpa", "onion", "alt"];

/**
 * Tells whether this is an issuer's name in its one spelling: lower-case labels of letters, digits and hyphens, at
 * least two, the last one beginning with a letter; no port, user, path, address, trailing dot or special-use name.
 * Nothing is normalised: two spellings would be two issuers.
 */
export function isIssuerName(name: unknown): name is string {
  if (typeof name !== "string" || name.length > MAX_LENGTH) return false;
  const labels = name.split(".");
  return (
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    LETTER_FIRST.test(labels.at(-1) ?? "") &&
    !SPECIAL_USE.some((special) => name === special || name.endsWith(`.${special}`)) &&
    // Whatever the rules above overlooked, the URL must name this very host.
    URL.canParse(`https://${name}/`) &&
    new URL(`https://${name}/`).host === name
  );
}

/** @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` with reason `issuer_syntax` */
export function checkIssuerName(name: unknown): string {
  if (isIssuerName(name)) return name;
  const what = typeof name === "string" ? excerpt(name) : typeof name;
  throw new AgentPinError("AGENTPIN_DISCOVERY_INVALID", `not the domain name of an issuer: ${what}`, {
    reason: "issuer_syntax",
    step: 3,
  });
}

/**
 * Gives the address of an issuer's discovery document.
 * @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID`
 */
export function discoveryUrl(issuer: unknown): string {
  return `https://${checkIssuerName(issuer)}/.well-known/agent-identity.json`;
}

/**
 * Gives the address of an issuer's revocation document: the endpoint that its discovery document names, which must be
 * https on the issuer's own host or one of `otherHosts`; or the usual one when it names none.
 *
 * @param otherHosts hosts that the operator accepts besides.
 * @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` with reason `revocation_endpoint` or `issuer_syntax`
 */
export function revocationUrl(
  issuer: string,
  endpoint: string | undefined,
  otherHosts: readonly string[] = [],
): string {
  const host = checkIssuerName(issuer);
  if (endpoint === undefined) return `https://${host}/.well-known/agent-identity-revocations.json`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (
    url?.protocol !== "https:" ||
    url.username !== "" ||
    url.password !== "" ||
    (url.host !== host && !otherHosts.includes(url.host))
  ) {
    throw new AgentPinError(
      "AGENTPIN_DISCOVERY_INVALID",
      "revocation_endpoint is not an https address on the issuer's own host",
      { reason: "revocation_endpoint", step: 6 },
    );
  }
  return url.href;
}
