import type { Confidence, Severity } from "../scan-rule.ts";
import { foldMixedWords } from "../views/visible-line.ts";

/** Something on a line that nobody sees. */
export interface HiddenText {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly why: string;
  readonly at: number;
  /** What is to be shown of it, and scanned where it is a text of its own. */
  readonly shown: string;
  readonly payload?: string;
}

const TAGS = /[\u{e0000}-\u{e007f}]+/gu;
/** The flags of England, Scotland and Wales, which are all there are of this kind. */
const FLAG = /^(?:gbeng|gbsct|gbwls)\x7f$/;
const BLACK_FLAG = 0x1f3f4;
const BIDI = /[\u202a-\u202e\u2066-\u2069]/;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const IN_WORD = /[A-Za-z0-9]\p{Default_Ignorable_Code_Point}+(?=[A-Za-z0-9])/u;
const RUN =
  /(?:\p{Variation_Selector}{2,}|[\u200b-\u200d\u2060-\u2064]{4,}|[\ue000-\uf8ff\u{f0000}-\u{10fffd}]{8,})/u;

/** Finds characters that hide something on a line. */
export function* hiddenCharacters(text: string): Generator<HiddenText> {
  if (/^[\x00-\x7f]*$/.test(text)) return;
  const tags = tagText(text);
  if (tags !== undefined) {
    const why = "text in characters that nobody sees and a model reads";
    yield {
      ...grave("hidden.tags", why, tags.at, tags.payload),
      severity: "critical",
      payload: tags.payload,
    };
  }
  const bidi = BIDI.exec(text);
  if (bidi !== null) {
    const confidence = RIGHT_TO_LEFT.test(text) ? "low" : "high";
    yield {
      ...grave("hidden.bidi", "text is shown in another order than it is read", bidi.index, text),
      confidence,
    };
    yield {
      ...grave("hidden.bidi", "read in the order shown", bidi.index, text),
      confidence: "low",
      payload: turned(text),
    };
  }
  const inWord = IN_WORD.exec(text);
  if (inWord !== null)
    yield grave("hidden.zero-width", "invisible characters split a word", inWord.index, text);
  const run = RUN.exec(text);
  if (run !== null) yield grave("hidden.run", "a run of characters that nobody sees", run.index, text);
  const folded = foldMixedWords(text);
  if (folded !== text) {
    let at = 0;
    while (at < text.length && text.charCodeAt(at) === folded.charCodeAt(at)) at += 1;
    yield grave("hidden.look-alike", "letters of another script stand for others", at, text);
  }
}

/** What the tags of a line say together, without those of flags. */
function tagText(text: string): { readonly at: number; readonly payload: string } | undefined {
  let payload = "";
  let at = -1;
  for (const match of text.matchAll(TAGS)) {
    const codes = Array.from(match[0], (tag) => String.fromCharCode((tag.codePointAt(0) ?? 0) & 0x7f)).join(
      "",
    );
    const isFlag = text.codePointAt(match.index - 2) === BLACK_FLAG && FLAG.test(codes);
    if (isFlag) continue;
    if (at === -1) at = match.index;
    payload += codes;
  }
  return at === -1 ? undefined : { at, payload };
}

function grave(ruleId: string, why: string, at: number, shown: string): HiddenText {
  return { ruleId, severity: "high", confidence: "high", why, at, shown };
}

/** Parts between controls, each turned around, as a display shows them. */
function turned(text: string): string {
  return text
    .split(/[\u202a-\u202e\u2066-\u2069]/)
    .map((part) => Array.from(part).toReversed().join(""))
    .join(" ");
}
