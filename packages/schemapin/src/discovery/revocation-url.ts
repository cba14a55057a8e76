import { SchemaPinError } from "../schemapin-error.ts";
import { domainName } from "./domain-name.ts";

/**
 * Checks the address that a domain gives for its revocation document: https, the domain's own host or one of
 * `otherHosts`, no user, no port.
 *
 * @param otherHosts host names that the operator accepts besides.
 * @throws SchemaPinError `SCHEMAPIN_DISCOVERY_INVALID`; `SCHEMAPIN_DOMAIN_INVALID`
 */
export function revocationUrl(endpoint: string, domain: string, otherHosts: readonly string[] = []): string {
  const own = domainName(domain);
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const sound =
    url !== undefined &&
    url.protocol === "https:" &&
    url.username === "" &&
    url.password === "" &&
    url.port === "" &&
    (url.hostname === own || otherHosts.includes(url.hostname));
  if (!sound) {
    throw new SchemaPinError(
      "SCHEMAPIN_DISCOVERY_INVALID",
      "revocation_endpoint is not an https address on the domain's own host",
    );
  }
  return url.href;
}
