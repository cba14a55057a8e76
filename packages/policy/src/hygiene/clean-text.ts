import { type HygieneResult, Removals } from "./hygiene-result.ts";

/** Most combining marks on one character; more are drawn over the lines around it. */
const MAX_MARKS = 8;

const JOINER = "\\u200c\\u200d";
const SELECTOR = "\\ufe0e\\ufe0f";
// Everything that shows nothing, or changes how the rest is shown: controls but tab and line ends, lone surrogates,
// bidirectional controls, tags, fillers, separators, annotation marks. Joiners and variation selectors are judged
// by what they stand beside.
const UNSEEN = new RegExp(
  `(?![\\t\\n\\r${JOINER}${SELECTOR}])[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u17b4\\u17b5\\u2800\\ufff9-\\ufffb]`,
  "gu",
);
const CURSIVE = "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Nko}\\p{Script=Mongolian}\\p{Script=Mandaic}";
const INDIC =
  "\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}";
const PICTURE = `\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Regional_Indicator}`;
// A joiner without a letter or picture of a script that joins on both sides is only there to hide.
const STRAY_JOINER = new RegExp(
  `(?<![${CURSIVE}${INDIC}])\\u200c|\\u200c(?![${CURSIVE}${INDIC}])` +
    `|(?<![${CURSIVE}${INDIC}${PICTURE}\\ufe0f])\\u200d|\\u200d(?![${CURSIVE}${INDIC}${PICTURE}])`,
  "gu",
);
const STRAY_SELECTOR = new RegExp(`(?<![\\p{Emoji}${PICTURE}])[${SELECTOR}]`, "gu");
const TOO_MANY_MARKS = new RegExp(`(?<=\\p{M}{${MAX_MARKS}})\\p{M}+`, "gu");
const STEPS: readonly RegExp[] = [UNSEEN, STRAY_JOINER, STRAY_SELECTOR, TOO_MANY_MARKS];
/** What is taken out can bring other things together, which are looked at again. */
const MAX_ROUNDS = 8;

/**
 * Takes out of a text what a reader does not see and a model does, and composes it (NFC). Joiners stay where a
 * script or a picture needs them, variation selectors behind a picture, up to eight combining marks on a letter.
 * Cleaning a second time changes nothing.
 */
export function cleanText(input: string): HygieneResult {
  const removals = new Removals();
  let text = input.normalize("NFC");
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = text;
    for (const step of STEPS) text = remove(text, step, removals);
    text = text.normalize("NFC");
    if (text === before) break;
    // Nobody writes like this: whatever is still in question goes.
    if (round === MAX_ROUNDS - 2) text = remove(text, ANY_HELPER, removals).normalize("NFC");
  }
  return { text, removed: removals.list(), changed: text !== input };
}

const ANY_HELPER = new RegExp(`[${JOINER}${SELECTOR}]`, "gu");

function remove(text: string, pattern: RegExp, removals: Removals): string {
  return text.replace(pattern, (piece) => {
    removals.add(piece);
    return "";
  });
}
