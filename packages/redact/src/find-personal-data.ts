import { AT_SPACE, type TextSpan } from "./text-span.ts";

const LOCAL_PART = /[A-Za-z0-9._%+-]{1,64}$/;
const DOMAIN = /(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}/y;
// Digits in groups, every repetition bounded.
const DIGITS = /(?<![\w.+-])(?:\+|\()?\d(?:[ ().-]{0,2}\d){6,18}(?![\w-])/g;
const SSN = /^\d{3}-\d{2}-\d{4}$/;
const PHONE_INTERNATIONAL = /^\+\d[\d ().-]{6,20}$/;
const PHONE_GROUPED = /^(?:1[ .-])?\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}$/;
const CARD_GROUPED = /^\d[\d -]*$/;

/**
 * Finds personal data: e-mail addresses, payment card numbers (Luhn), telephone numbers and US social security
 * numbers. A bare row of digits is only ever a card number.
 */
export function findPersonalData(text: string, spans: TextSpan[]): void {
  findEmails(text, spans);
  DIGITS.lastIndex = 0;
  for (let match = DIGITS.exec(text); match !== null; match = DIGITS.exec(text)) {
    const label = classifyDigits(match[0]);
    if (label === undefined) continue;
    spans.push(personal(match.index, match.index + match[0].length, label));
  }
}

function findEmails(text: string, spans: TextSpan[]): void {
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const local = LOCAL_PART.exec(text.slice(Math.max(0, at - 64), at))?.[0];
    DOMAIN.lastIndex = at + 1;
    if (local === undefined || !DOMAIN.test(text)) continue;
    spans.push(personal(at - local.length, DOMAIN.lastIndex, "EMAIL"));
  }
}

function classifyDigits(text: string): string | undefined {
  if (SSN.test(text)) return "SSN";
  if (CARD_GROUPED.test(text) && isCardNumber(text.replace(/[ -]/g, ""))) return "CARD";
  return PHONE_INTERNATIONAL.test(text) || PHONE_GROUPED.test(text) ? "PHONE" : undefined;
}

/** Major industry identifier of a payment card, a length in use, and the check digit of ISO/IEC 7812-1. */
function isCardNumber(digits: string): boolean {
  if (!/^[2-6]\d{12,18}$/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function personal(start: number, end: number, label: string): TextSpan {
  return { from: start, start, end, replacement: `[REDACTED:${label}]`, resume: AT_SPACE };
}
