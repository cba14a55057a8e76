import { SchemaPinError } from "../schemapin-error.ts";
import { type DnsRecord, dnsRecordName, findDnsRecord } from "./dns-record.ts";

/** Asks for TXT records: the chunks of each, an empty list when it is certain that there are none. Rejects otherwise. */
export type TxtLookup = (name: string) => Promise<readonly (readonly string[])[]>;

/** Whether a second channel, DNS, must confirm a publisher's key. */
export type DnsPolicy =
  | { readonly policy: "off" }
  | {
      /** `if-present`: a record must match; no record has no effect. `require`: there must be one. */
      readonly policy: "if-present" | "require";
      readonly lookup: TxtLookup;
    };

/**
 * Compares a key with the domain's TXT record. A lookup that fails is not an absent record: it refuses.
 *
 * @throws SchemaPinError `SCHEMAPIN_DOMAIN_MISMATCH`, `SCHEMAPIN_DNS_RECORD_MISSING`, `SCHEMAPIN_DNS_UNAVAILABLE`,
 * `SCHEMAPIN_DISCOVERY_INVALID` for a malformed record
 */
export async function checkDns(domain: string, fingerprint: string, dns: DnsPolicy): Promise<void> {
  if (dns.policy === "off") return;
  const record = await find(domain, dns.lookup);
  if (record === undefined) {
    if (dns.policy === "if-present") return;
    throw new SchemaPinError("SCHEMAPIN_DNS_RECORD_MISSING", "the domain has no TXT record for its key");
  }
  if (record.fingerprint !== fingerprint)
    throw new SchemaPinError("SCHEMAPIN_DOMAIN_MISMATCH", "the domain's TXT record names another key");
}

async function find(domain: string, lookup: TxtLookup): Promise<DnsRecord | undefined> {
  const name = dnsRecordName(domain);
  let answer: readonly (readonly string[])[];
  try {
    answer = await lookup(name);
  } catch (cause) {
    throw new SchemaPinError("SCHEMAPIN_DNS_UNAVAILABLE", "the domain's TXT records cannot be looked up", {
      cause,
      retryable: true,
    });
  }
  return findDnsRecord(answer);
}
