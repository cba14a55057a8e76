import { excerpt } from "@symbiont/kit";
import { SchemaPinError } from "../schemapin-error.ts";

/** Any ASCII that is not part of a host name: it would make a URL parser see more than a name. */
const NOT_IN_A_NAME = /[\0-,/:-@[-`{-\x7f]/;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const MAX_NAME_LENGTH = 253;

/**
 * Gives a publisher's domain in its one spelling: lower-case ASCII, internationalized labels encoded, without the
 * trailing dot. Only names with a dot pass: no scheme, port, user, path, address or local name.
 *
 * @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID`
 */
export function domainName(domain: string): string {
  if (typeof domain !== "string") throw invalid("it is not text");
  const name = asciiName(domain);
  const labels = name?.split(".") ?? [];
  const sound =
    name !== undefined &&
    name.length <= MAX_NAME_LENGTH &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    // An address, however it was spelt, ends in a number after parsing.
    /[a-z]/.test(labels.at(-1) ?? "") &&
    labels.at(-1) !== "localhost";
  if (!sound) throw invalid(excerpt(domain));
  return name;
}

/**
 * Gives the address of a domain's discovery document.
 * @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID`
 */
export function discoveryUrl(domain: string): string {
  return `https://${domainName(domain)}/.well-known/schemapin.json`;
}

function asciiName(domain: string): string | undefined {
  const name = domain.endsWith(".") ? domain.slice(0, -1) : domain;
  if (NOT_IN_A_NAME.test(name)) return undefined;
  try {
    return new URL(`https://${name}/`).hostname;
  } catch {
    return undefined;
  }
}

function invalid(what: string): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_DOMAIN_INVALID", `not a publisher's domain: ${what}`);
}
