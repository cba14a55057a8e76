import { parseTxtFields } from "@symbiont/net";
import { domainName } from "../discovery/domain-name.ts";
import { SchemaPinError } from "../schemapin-error.ts";

/** What a domain's TXT record says about its key. */
export interface DnsRecord {
  /** Lower case. */
  readonly fingerprint: string;
  readonly kid?: string;
}

const FINGERPRINT = /^sha256:[0-9a-f]{64}$/;
/** A record that is about SchemaPin, well-formed or not: other records may stand beside it. */
const OURS = /(?:^|;)\s*(?:v\s*=\s*schemapin|fp\s*=)/i;
const OTHER_VERSION = /(?:^|;)\s*v\s*=\s*schemapin(?!1\s*(?:;|$))/;

/**
 * Gives the name that a domain's TXT record has.
 * @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID`
 */
export function dnsRecordName(domain: string): string {
  return `_schemapin.${domainName(domain)}`;
}

/**
 * Reads one TXT record, `v=schemapin1; kid=…; fp=sha256:<hex>`. Unknown fields are ignored; one without `=` and one
 * that is there twice are not.
 *
 * @throws SchemaPinError `SCHEMAPIN_DISCOVERY_INVALID`
 */
export function parseDnsRecord(text: string): DnsRecord {
  const fields = parseTxtFields(text);
  if (typeof fields === "string") throw invalid(fields);
  if (fields.get("v") !== "schemapin1") throw invalid("its version is missing or unknown");
  const fingerprint = fields.get("fp")?.toLowerCase() ?? "";
  if (!FINGERPRINT.test(fingerprint)) throw invalid("it has no fingerprint");
  const kid = fields.get("kid") ?? "";
  return { fingerprint, ...(kid === "" ? {} : { kid }) };
}

/**
 * Finds the SchemaPin record in the answer to a TXT query; undefined when there is none. Records of a later version
 * may stand beside it.
 *
 * @param answer the chunks of each record.
 * @throws SchemaPinError `SCHEMAPIN_DISCOVERY_INVALID` when a record is malformed or two disagree: which of them
 * comes first is up to the network.
 */
export function findDnsRecord(answer: readonly (readonly string[])[]): DnsRecord | undefined {
  const ours = answer.map((chunks) => chunks.join("")).filter((text) => OURS.test(text));
  if (ours.length === 0) return undefined;
  const [record, ...others] = ours.filter((text) => !OTHER_VERSION.test(text)).map(parseDnsRecord);
  if (record === undefined) throw invalid("its version is unknown");
  if (others.some(({ fingerprint }) => fingerprint !== record.fingerprint))
    throw invalid("two records disagree");
  return record;
}

function invalid(why: string): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_DISCOVERY_INVALID", `TXT record is not valid: ${why}`);
}
