/** What a line holds that another reading could make something of. Found in one pass, because most lines hold nothing. */
export interface LineSignals {
  readonly isAscii: boolean;
  readonly hasAmpersand: boolean;
  /** Quotes, backslashes, dollars, backticks, carets: what a shell reads differently. */
  readonly hasShell: boolean;
  /** What may be an encoded text. */
  readonly hasEncoded: boolean;
}

const TOKEN = 1;
const HEX = 2;
const SHELL = 4;
const KINDS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  const token = /[A-Za-z0-9+/_-]/.test(character) ? TOKEN : 0;
  const hex = /[0-9a-fA-F]/.test(character) ? HEX : 0;
  return token | hex | (/["'\\$`^]/.test(character) ? SHELL : 0);
});
const TURNS = /\brev(?:erse)?\b|\[::-1\]|rot_?13|\btr /i;
const LONG_TOKEN = 20;
const MANY = 6;
const [PERCENT, AMPERSAND, COMMA, BACKSLASH, BLANK, COLON, BRACKET, BAR, SQUARE] = Array.from(
  "%&,\\ :(|[",
  (one) => one.charCodeAt(0),
);

/** Looks a line over, which may be a part of a text: a piece that is cut out is slower to read. */
export function lineSignals(text: string, start: number = 0, end: number = text.length): LineSignals {
  let isAscii = true;
  let hasAmpersand = false;
  let shell = 0;
  let token = 0;
  let hex = 0;
  let pairs = 0;
  let marks = 0;
  let hasEncoded = false;
  let mayTurn = false;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127) {
      isAscii = false;
      token = 0;
      continue;
    }
    const kind = KINDS[code] ?? 0;
    shell |= kind & SHELL;
    if ((kind & TOKEN) !== 0) {
      token += 1;
      hex = (kind & HEX) === 0 ? 99 : hex + 1;
      if (token >= LONG_TOKEN) hasEncoded = true;
      continue;
    }
    // Bytes written in pairs with something between them.
    pairs = hex === 2 && (code === BLANK || code === COLON) ? pairs + 1 : 0;
    if (pairs >= MANY) hasEncoded = true;
    token = 0;
    hex = 0;
    if (code === AMPERSAND) hasAmpersand = true;
    if (code === BAR || code === SQUARE || code === BRACKET) mayTurn = true;
    if (code === PERCENT || code === COMMA || code === BACKSLASH || code === BRACKET) marks += 1;
  }
  return {
    isAscii,
    hasAmpersand,
    hasShell: shell !== 0,
    hasEncoded: hasEncoded || marks >= 4 || (mayTurn && TURNS.test(text.slice(start, end))),
  };
}
