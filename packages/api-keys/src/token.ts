import { encodeBase62, randomBase62 } from "./internal/base62.ts";
import { nodeZlib } from "./internal/node-modules.ts";

/**
 * The shape of a generated token, for secret scanners: `<prefix>_<id>.<secret><checksum>`. A match with a wrong
 * checksum is not a token; {@link parseToken} tells.
 */
export const TOKEN_PATTERN: RegExp = /^[a-z][a-z0-9]{1,15}_[0-9A-Za-z]{12}\.[0-9A-Za-z]{49}$/;

const ID_LENGTH = 12;
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const PREFIX = /^[a-z][a-z0-9]{1,15}$/;

/** The parts of a generated token. */
export interface TokenParts {
  readonly prefix: string;
  /** Public: `<prefix>_<id>`. */
  readonly keyId: string;
  /** What is hashed: everything after the dot, checksum included. */
  readonly secret: string;
}

/**
 * Reads a generated token. Offline: only shape and checksum (CRC-32, which finds typing errors and false
 * matches, not forgeries) are looked at.
 * @returns undefined when the text is not such a token.
 */
export function parseToken(text: string): TokenParts | undefined {
  if (!TOKEN_PATTERN.test(text)) return undefined;
  const body = text.length - CHECKSUM_LENGTH;
  if (encodeBase62(nodeZlib().crc32(text.slice(0, body))) !== text.slice(body)) return undefined;
  const dot = body - RANDOM_LENGTH - 1;
  return {
    prefix: text.slice(0, dot - ID_LENGTH - 1),
    keyId: text.slice(0, dot),
    secret: text.slice(dot + 1),
  };
}

/**
 * Generates a token with 256 bits of randomness in its secret.
 * @throws RangeError when the prefix is not 2 to 16 of `a-z0-9` beginning with a letter.
 */
export function generateToken(prefix: string): TokenParts & { readonly text: string } {
  const keyId = `${checkedPrefix(prefix)}_${randomBase62(ID_LENGTH)}`;
  const body = `${keyId}.${randomBase62(RANDOM_LENGTH)}`;
  const text = body + encodeBase62(nodeZlib().crc32(body));
  return { prefix, keyId, secret: text.slice(keyId.length + 1), text };
}

/** The beginning of a token that may be shown to recognise it: the id and four characters of the secret. */
export function tokenDisplay(token: TokenParts): string {
  return `${token.keyId}.${token.secret.slice(0, 4)}…`;
}

/** @throws RangeError */
export function checkedPrefix(prefix: string): string {
  if (!PREFIX.test(prefix))
    throw new RangeError("prefix must be 2 to 16 of a-z and 0-9, beginning with a letter");
  return prefix;
}
