import { parseTxtFields } from "@symbiont/net";
import { AgentPinError } from "../agentpin-error.ts";
import { checkIssuerName } from "../documents/issuer-name.ts";

/** What an issuer's TXT record says about its key. */
export interface TxtRecord {
  /** Lower-case hexadecimal thumbprint of the key. */
  readonly thumbprint: string;
  readonly kid?: string;
}

const FINGERPRINT = /^sha256:([0-9a-f]{64})$/;
/** A record that is about AgentPin, well-formed or not: other records may stand beside it. */
const OURS = /(?:^|;)\s*v\s*=\s*agentpin/i;

/** Gives the name that an issuer's TXT record has. @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` */
export function txtRecordName(issuer: string): string {
  return `_agentpin.${checkIssuerName(issuer)}`;
}

/**
 * Reads one TXT record, `v=agentpin1; kid=…; fp=sha256:<hex>`. Unknown fields are ignored; one without `=`, one that is
 * there twice and a fingerprint of another length are not.
 * @throws AgentPinError `AGENTPIN_TXT_RECORD_INVALID`
 */
export function parseTxtRecord(text: string): TxtRecord {
  const fields = parseTxtFields(text);
  if (typeof fields === "string") throw invalid(fields);
  if (fields.get("v") !== "agentpin1") throw invalid("its version is unknown");
  const thumbprint = FINGERPRINT.exec(fields.get("fp")?.toLowerCase() ?? "")?.[1];
  if (thumbprint === undefined) throw invalid("it has no fingerprint of 64 hexadecimal digits");
  const kid = fields.get("kid") ?? "";
  return { thumbprint, ...(kid === "" ? {} : { kid }) };
}

/**
 * Finds the AgentPin records in the answer to a TXT query. An issuer that rotates its key has more than one.
 * @param answer the chunks of each record.
 * @throws AgentPinError `AGENTPIN_TXT_RECORD_INVALID` when one of them is malformed.
 */
export function findTxtRecords(answer: readonly (readonly string[])[]): readonly TxtRecord[] {
  return answer
    .map((chunks) => chunks.join(""))
    .filter((text) => OURS.test(text))
    .map(parseTxtRecord);
}

function invalid(why: string): AgentPinError {
  return new AgentPinError("AGENTPIN_TXT_RECORD_INVALID", `TXT record is not valid: ${why}`);
}
