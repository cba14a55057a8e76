import { decodeBase64 } from "@symbiont/kit";

/** Parameters of Argon2id, the most that is ever computed for a stored verifier. */
export const ARGON2_CEILING: Argon2Parameters = Object.freeze({ memoryKiB: 65_536, passes: 5, lanes: 4 });

/**
 * Parameters for new verifiers: those of Symbiont, and the OWASP minimum.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
export const ARGON2_DEFAULT: Argon2Parameters = Object.freeze({ memoryKiB: 19_456, passes: 2, lanes: 1 });

/** What an Argon2id run costs. */
export interface Argon2Parameters {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/** A verifier string, taken apart. */
export type Verifier =
  | ({ readonly kind: "argon2id" } & Argon2Parameters)
  | { readonly kind: "hmac-sha256"; readonly pepperId: string; readonly tag: Uint8Array };

const ARGON2 =
  /^\$argon2id\$v=19\$m=([1-9][0-9]{0,4}),t=([1-9]),p=([1-9])\$([A-Za-z0-9+/]{11,86})\$[A-Za-z0-9+/]{43}$/;
const HMAC = /^\$hmac-sha256\$k=([A-Za-z0-9_-]{1,64})\$([A-Za-z0-9+/]{43})$/;

/**
 * Takes a verifier string apart. Everything that would decide how much is computed is bounded here, before any
 * library sees the string: Argon2id version 19 up to {@link ARGON2_CEILING}, 8 to 64 bytes of salt, 32 of output.
 * @returns undefined for anything else; such a verifier matches nothing.
 *
 * Differs from Symbiont: there argon2i and argon2d and parameters of any size are accepted.
 */
export function parseVerifier(text: string): Verifier | undefined {
  const hmac = HMAC.exec(text);
  if (hmac !== null) return hmacVerifier(hmac[1] as string, hmac[2] as string);
  const argon2 = ARGON2.exec(text);
  if (argon2 === null) return undefined;
  const memoryKiB = Number(argon2[1]);
  const passes = Number(argon2[2]);
  const lanes = Number(argon2[3]);
  const bounded =
    memoryKiB <= ARGON2_CEILING.memoryKiB &&
    memoryKiB >= 8 * lanes &&
    passes <= ARGON2_CEILING.passes &&
    lanes <= ARGON2_CEILING.lanes &&
    (argon2[4] as string).length % 4 !== 1;
  return bounded ? { kind: "argon2id", memoryKiB, passes, lanes } : undefined;
}

function hmacVerifier(pepperId: string, tag: string): Verifier | undefined {
  try {
    return { kind: "hmac-sha256", pepperId, tag: decodeBase64(`${tag}=`) };
  } catch {
    return undefined; // stray bits: not the one spelling of the tag
  }
}
