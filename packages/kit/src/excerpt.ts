/**
 * Shows a short, harmless piece of untrusted text for a message: at most `maxLength` UTF-16 code units, with
 * control, format, bidi and surrogate characters escaped. Never pass a secret: the text is shown.
 */
export function excerpt(text: string, maxLength = 40): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  const escaped = cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"\\]/gu, escapeCharacter);
  return `"${escaped}"`;
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
