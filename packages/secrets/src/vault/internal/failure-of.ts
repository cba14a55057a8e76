import { SecretError, type SecretErrorCode } from "../../errors.ts";
import type { VaultAnswer } from "../vault-request.ts";
import { isSealed } from "./send-patiently.ts";

/** The error that an answer stands for. What Vault says in it stays out: it may repeat what was sent. */
export function failureOf(answer: VaultAnswer): SecretError {
  const { status } = answer;
  if (isSealed(answer)) return new SecretError("SECRET_UNAVAILABLE", "Vault is sealed");
  const [code, meaning] = MEANINGS.get(status) ?? meaningOfClass(status);
  return new SecretError(code, `${meaning} (status ${status})`);
}

type Meaning = readonly [code: SecretErrorCode, meaning: string];

const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [400, ["SECRET_ANSWER_INVALID", "Vault refuses the request as malformed"]],
  [401, ["SECRET_LOGIN_FAILED", "Vault, or a proxy before it, wants other credentials"]],
  [403, ["SECRET_ACCESS_DENIED", "no policy of our token allows this"]],
  [404, ["SECRET_ANSWER_INVALID", "Vault knows no such path"]],
  [405, ["SECRET_ANSWER_INVALID", "what is mounted there does not know this operation"]],
  [412, ["SECRET_UNAVAILABLE", "this node of Vault is behind the others"]],
  [413, ["SECRET_TOO_LARGE", "the request is larger than Vault allows"]],
  [429, ["SECRET_UNAVAILABLE", "Vault limits our requests"]],
  [472, ["SECRET_UNAVAILABLE", "this node of Vault is a standby for disasters"]],
  [473, ["SECRET_UNAVAILABLE", "this node of Vault is a standby"]],
  [501, ["SECRET_UNAVAILABLE", "Vault is not initialised"]],
]);

function meaningOfClass(status: number): Meaning {
  return status >= 500
    ? ["SECRET_UNAVAILABLE", "Vault failed"]
    : ["SECRET_ANSWER_INVALID", "Vault gave an answer of unknown meaning"];
}
