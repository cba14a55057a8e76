import { confusables } from "./confusables.ts";

/** A reading of a line. */
export interface Reading {
  readonly text: string;
  readonly origins: readonly number[];
  readonly isObfuscated: boolean;
}

const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]$/u;
const ENTITY =
  /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot|apos|nbsp|sol|vert|bsol|dollar|grave|colon|period|lpar|rpar|num|semi|equals|plus|lowbar|hyphen|dash|tab|newline));/gi;
const NAMED: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
  nbsp: " ",
  sol: "/",
  vert: "|",
  bsol: "\\",
  dollar: "$",
  grave: "`",
  colon: ":",
  period: ".",
  lpar: "(",
  rpar: ")",
  num: "#",
  semi: ";",
  equals: "=",
  plus: "+",
  lowbar: "_",
  hyphen: "-",
  dash: "-",
  tab: "\t",
  newline: " ",
};

/**
 * What a person sees, or a page shows: entities decoded, invisible characters gone, other forms of a letter as the letter,
 * look-alikes replaced in words that mix scripts. Undefined when that is the line itself.
 */
export function visibleReading(line: string, start: number): Reading | undefined {
  const hasEntity = line.includes("&");
  if (!hasEntity && /^[\x00-\x7f]*$/.test(line)) return undefined;
  const pieces = new Pieces(start);
  let at = 0;
  if (hasEntity) {
    for (const match of line.matchAll(ENTITY)) {
      addCharacters(pieces, line, at, match.index);
      pieces.add(entityText(match), match.index);
      at = match.index + match[0].length;
      pieces.isObfuscated ||= match[3] === undefined;
    }
  }
  addCharacters(pieces, line, at, line.length);
  const folded = foldMixedWords(pieces.text);
  if (folded !== pieces.text) pieces.isObfuscated = true;
  if (folded === line) return undefined;
  return { text: folded, origins: pieces.origins, isObfuscated: pieces.isObfuscated };
}

/** Text with the place in the file that each of its characters comes from. */
class Pieces {
  text = "";
  readonly origins: number[] = [];
  isObfuscated = false;
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  add(text: string, at: number): void {
    this.text += text;
    for (let index = 0; index < text.length; index += 1) this.origins.push(this.#start + at);
  }
}

function addCharacters(pieces: Pieces, line: string, start: number, end: number): void {
  for (let at = start; at < end; ) {
    const point = line.codePointAt(at) ?? 0;
    const character = String.fromCodePoint(point);
    if (point < 0x80) pieces.add(character, at);
    else if (!INVISIBLE.test(character)) pieces.add(plain(character), at);
    else
      pieces.isObfuscated ||= /\w$/.test(pieces.text) && /^[\w\s.|/]/.test(line.slice(at + character.length));
    at += character.length;
  }
}

/** Only forms of ASCII are replaced: other letters would lose their accents or their meaning. */
function plain(character: string): string {
  const normal = character.normalize("NFKC");
  return /^[\x20-\x7e]{1,4}$/.test(normal) ? normal : character;
}

function entityText([, decimal, hex, name]: RegExpMatchArray): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? "";
  const point = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  const isCharacter = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return isCharacter ? plain(String.fromCodePoint(point)) : "";
}

/** Each look-alike is one UTF-16 unit, as is what replaces it, so that places stay. */
export function foldMixedWords(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return text.replace(/[\p{L}\p{N}_]+/gu, (word) => {
    if (!/[A-Za-z]/.test(word) || /^[\x00-\x7f]*$/.test(word)) return word;
    const folded = Array.from(word, (character) => confusables.get(character) ?? character).join("");
    return /^[\x00-\x7f]*$/.test(folded) ? folded : word;
  });
}
