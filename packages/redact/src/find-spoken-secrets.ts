import { readSecretValue } from "./read-secret-value.ts";
import { foldName } from "./sensitive-name.ts";
import { AT_SPACE, type TextSpan } from "./text-span.ts";

const NAME =
  /(?:[Bb]earer|BEARER|[Bb]asic|[Aa]pi[ _-]?[Kk]ey|API[ _-]?KEY|[Tt]oken|TOKEN|[Ss]ecret|SECRET|[Pp]ass(?:word|wd|phrase)|PASSWORD)[ \t]{1,4}(?=[^\s])/g;
const TOKEN_RUN = /[A-Za-z0-9._~+/=-]{12,}/y;
const SHORTEST_BEARER = 16;
const FLAG = /--[A-Za-z][\w-]{0,40}$/;
const FLAG_LENGTH = 43;
const NAME_BEFORE = /[A-Za-z0-9]/;

/**
 * Finds secrets that follow their name after a space: `Bearer …`, `--password …`, `token …`. Without a flag or
 * a scheme the value must look random (letters and digits): "token authentication is required" stays.
 */
export function findSpokenSecrets(text: string, spans: TextSpan[]): void {
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const span = readSpoken(text, match.index, match[0]);
    if (span === undefined) continue;
    spans.push(span);
    NAME.lastIndex = span.end;
  }
}

function readSpoken(text: string, from: number, matched: string): TextSpan | undefined {
  const start = from + matched.length;
  const name = matched.trimEnd();
  const before = Math.max(0, from - FLAG_LENGTH);
  const flag = FLAG.exec(text.slice(before, from + name.length));
  if (flag !== null)
    return readSecretValue(text, { from: before + flag.index, folded: foldName(name) }, start);
  if (from > 0 && NAME_BEFORE.test(text.charAt(from - 1))) return undefined;
  TOKEN_RUN.lastIndex = start;
  const value = TOKEN_RUN.exec(text)?.[0] ?? "";
  const isScheme = /^b/i.test(name) && value.length >= SHORTEST_BEARER;
  if (!isScheme && !(/\d/.test(value) && /[A-Za-z]/.test(value))) return undefined;
  return { from, start, end: start + value.length, replacement: "[REDACTED]", resume: AT_SPACE };
}
