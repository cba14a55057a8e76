import type { VaultAnswer } from "../vault-request.ts";
import { errorTexts } from "./read-answer.ts";

/**
 * Whether Vault itself says that nothing is there. A 404 with an error in it means something else, for example that
 * nothing is mounted at that path, and must not be taken for a missing secret.
 */
export function isAbsent({ status, body }: VaultAnswer): boolean {
  return status === 404 && errorTexts(body)?.length === 0;
}
