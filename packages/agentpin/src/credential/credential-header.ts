import type { JsonObject } from "@symbiont/kit";
import { type Refusal, refuse } from "../refusal.ts";
import { readJwsObject } from "./compact-jws.ts";

/** `typ` of a credential. */
export const CREDENTIAL_TYPE = "agentpin-credential+jwt";
const MAX_KID_LENGTH = 128;
const MAX_REMEMBERED = 256;
const MAX_REMEMBERED_LENGTH = 512;

/** Key ids by header text: an issuer writes the same few headers again and again. Only what was accepted is in it. */
const remembered = new Map<string, string>();

/**
 * Reads the header part of a credential, and gives its `kid`. Nothing else in a header has a say: `jwk`, `jku`,
 * `x5c` and `x5u` are never looked at, and `crit` refuses.
 * @see RFC 7515 section 4.1, RFC 8725 sections 3.1 and 3.11
 */
export function readCredentialHeader(part: string): string | Refusal {
  const known = remembered.get(part);
  if (known !== undefined) return known;
  const header = readJwsObject(part);
  if (typeof header === "string") return refuse(1, "ALGORITHM_REJECTED", header);
  const kid = kidOf(header);
  if (typeof kid === "string" && part.length <= MAX_REMEMBERED_LENGTH) {
    if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value as string);
    remembered.set(part, kid);
  }
  return kid;
}

function kidOf(header: JsonObject): string | Refusal {
  if (header["alg"] !== "ES256") return refuse(1, "ALGORITHM_REJECTED", "alg");
  if (header["typ"] !== CREDENTIAL_TYPE) return refuse(1, "ALGORITHM_REJECTED", "typ");
  if (Object.hasOwn(header, "crit")) return refuse(1, "ALGORITHM_REJECTED", "crit");
  const { kid } = header;
  if (kid === undefined) return refuse(1, "ALGORITHM_REJECTED", "header_missing:kid");
  if (typeof kid !== "string" || kid === "" || kid.length > MAX_KID_LENGTH)
    return refuse(1, "ALGORITHM_REJECTED", "header_type:kid");
  return kid;
}
