import { AgentPinError } from "../agentpin-error.ts";
import type { DiscoveryDocument } from "../documents/discovery-document.ts";
import { findTxtRecords, type TxtRecord, txtRecordName } from "./txt-record.ts";

/** Asks for TXT records: the chunks of each, an empty list when it is certain that there are none. Rejects otherwise. */
export type TxtLookup = (name: string) => Promise<readonly (readonly string[])[]>;

/** Whether a second channel, DNS, must confirm an issuer's keys. */
export type DnsPolicy =
  | { readonly policy: "off" }
  | {
      /** `if-present`: a record must match; no record has no effect. `require`: there must be one. */
      readonly policy: "if-present" | "require";
      readonly lookup: TxtLookup;
    };

/** Tells whether a record names a key of the document, under the id that it gives if it gives one. */
export function txtRecordMatches({ thumbprint, kid }: TxtRecord, { keys }: DiscoveryDocument): boolean {
  for (const key of keys.values())
    if (key.thumbprint === thumbprint && (kid === undefined || key.kid === kid)) return true;
  return false;
}

/**
 * Compares an issuer's document with its TXT records: every record must name a published key. A lookup that fails is
 * not an absent record: it refuses.
 * @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` with reason `dns_mismatch`, `dns_missing` or `dns_invalid`;
 * `AGENTPIN_DISCOVERY_FETCH_FAILED` with reason `dns_unavailable`
 */
export async function checkDns(issuer: string, discovery: DiscoveryDocument, dns: DnsPolicy): Promise<void> {
  if (dns.policy === "off") return;
  const records = await findRecords(issuer, dns.lookup);
  if (records.length === 0 && dns.policy === "require")
    throw refusal("dns_missing", "the issuer has no TXT record for its keys");
  if (!records.every((record) => txtRecordMatches(record, discovery)))
    throw refusal("dns_mismatch", "the issuer's TXT record names a key that is not published");
}

async function findRecords(issuer: string, lookup: TxtLookup): Promise<readonly TxtRecord[]> {
  let answer: readonly (readonly string[])[];
  try {
    answer = await lookup(txtRecordName(issuer));
  } catch (cause) {
    throw new AgentPinError(
      "AGENTPIN_DISCOVERY_FETCH_FAILED",
      "the issuer's TXT records cannot be looked up",
      {
        reason: "dns_unavailable",
        step: 3,
        retryable: true,
        cause,
      },
    );
  }
  try {
    return findTxtRecords(answer);
  } catch (cause) {
    throw refusal("dns_invalid", "the issuer's TXT record is malformed", cause);
  }
}

function refusal(reason: string, message: string, cause?: unknown): AgentPinError {
  const options = { reason, step: 3, ...(cause === undefined ? {} : { cause }) };
  return new AgentPinError("AGENTPIN_DISCOVERY_INVALID", message, options);
}
