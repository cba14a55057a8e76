/** Whether a name can be taken for what it looks like. */
export type IdentifierCheck =
  | { readonly valid: true }
  | { readonly valid: false; readonly code: "input.identifier"; readonly codePoint?: number };

const PLAIN = /^[\x21-\x7e]+$/;
const MAX_LENGTH = 256;

/**
 * Checks the name of a tool, an agent or an operation: 1 to 256 printable ASCII characters without spaces. Nothing is
 * repaired: a name that has to be cleaned is another name.
 * @returns with the first character that is not plain, when there is one.
 */
export function checkIdentifier(
  name: string,
  {
    pattern = PLAIN,
  }: {
    /** Names to accept instead, for example `/^[\p{L}\p{N}_-]+$/u`; they must be in NFC. */
    readonly pattern?: RegExp;
  } = {},
): IdentifierCheck {
  const matches = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).test(name);
  if (matches && name.length <= MAX_LENGTH && name === name.normalize("NFC")) return { valid: true };
  const odd = /[^\x21-\x7e]/u.exec(name)?.[0].codePointAt(0);
  return { valid: false, code: "input.identifier", ...(odd === undefined ? {} : { codePoint: odd }) };
}
