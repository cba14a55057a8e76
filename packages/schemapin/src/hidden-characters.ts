/**
 * Characters that a person does not see and a model reads: controls, bidirectional overrides, zero-width characters,
 * tags, variation selectors and blanks that are letters.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Where they belong: line breaks, in emoji, and joiners inside words of scripts that need them. */
const PLAIN =
  /[\t\n\r]|[\p{Extended_Pictographic}\p{Emoji_Modifier}#*\d]\ufe0f|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})|(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Gujarati}\p{Script=Sinhala}\p{M}])[\u200c\u200d]/gu;
const MAX_DISPLAY_LENGTH = 500;

/** Whether a text holds characters that nobody sees, where they have no business. */
export function hasHiddenCharacters(text: string): boolean {
  // Nearly all text is plain ASCII.
  if (/^[\t\n\r\x20-\x7e]*$/.test(text)) return false;
  HIDDEN.lastIndex = 0;
  return HIDDEN.test(text.replace(PLAIN, ""));
}

/** Makes text from the network fit to be shown to a person: on one line, nothing hidden, not too long. */
export function displayText(text: string, maxLength: number = MAX_DISPLAY_LENGTH): string {
  const shown = text
    .slice(0, 4 * maxLength)
    .replace(/\s+/gu, " ")
    .replace(HIDDEN, "");
  return shown.length > maxLength ? `${shown.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "")}…` : shown;
}
