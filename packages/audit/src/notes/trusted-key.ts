import { parseVerifierKey, type VerifierKey } from "./verifier-key.ts";

/** A key that may have signed, as `name+id+key`; or one that may have signed only for a part of a journal's life. */
export type TrustedKey =
  | string
  | {
      readonly key: string;
      /** Smallest and largest checkpoint that it may have signed, in records. Default all. */
      readonly fromSize?: number;
      readonly toSize?: number;
    };

/** Reads a trusted key. @throws AuditError `AUDIT_KEY_MALFORMED`; RangeError when its range is none. */
export function parseTrustedKey(trusted: TrustedKey): VerifierKey {
  if (typeof trusted === "string") return parseVerifierKey(trusted);
  const { key, fromSize = 0, toSize = Number.MAX_SAFE_INTEGER } = trusted;
  if (!Number.isSafeInteger(fromSize) || !Number.isSafeInteger(toSize) || fromSize < 0 || toSize < fromSize)
    throw new RangeError(`a trusted key must have a range of sizes, got ${fromSize} to ${toSize}`);
  return Object.freeze({ ...parseVerifierKey(key), fromSize, toSize });
}
