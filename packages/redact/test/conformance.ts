import { createRedactor, isSensitiveName } from "@symbiont/redact";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";

export const suite: ConformanceSuite = {
  "secrets/symbiont-redaction.json": (data, check) => {
    for (const [index, { input, params, output }] of data.mask_sensitive_arguments.entries()) {
      check(`argument masking ${index}, sensitive: ${JSON.stringify(params)}`, () => {
        expect(createRedactor({ exact: true, sensitiveParams: params }).redact(input)).toEqual(output);
      });
    }
    for (const { input, symbiont_output: output } of data.text_patterns)
      check(`text ${JSON.stringify(input)}`, () => checkText(input, output));
    for (const { key, symbiont_sensitive: sensitive } of data.sensitive_keys)
      check(`name ${JSON.stringify(key)}`, () =>
        expect(isSensitiveName(key)).toBe(expectSecret(key, sensitive)),
      );
  },
};

const PERSONAL = /\[REDACTED:(?:SSN|CC|EMAIL|PHONE)\]/;

/**
 * What must hold for a text, told from the text and from what the original made of it:
 * what is a secret by its shape is gone, and so is what the original rightly removed; the rest is left alone.
 */
function checkText(input: string, output: string): void {
  const secrets = createRedactor();
  const everything = createRedactor({ personalData: true });
  const removed = removedBy(input, output);
  const shaped = secretShapes(input);
  const personal = PERSONAL.test(output) || /\+\d/.test(input);
  const ours = secrets.redactText(input);
  for (const secret of [...shaped, ...(personal ? [] : removed.filter(looksSecret))])
    expect(ours).not.toContain(secret);
  if (shaped.length === 0 && (personal || !removed.some(looksSecret))) expect(ours).toBe(input);
  if (personal) {
    const person = everything.redactText(input);
    for (const text of removed.length === 0 ? [input.slice(input.indexOf("+"))] : removed)
      if (isPersonal(text)) expect(person).not.toContain(text);
      else if (!isNamed(input, text)) expect(person).toContain(text);
  }
}

/** The pieces of the input that are not in the original's output. */
function removedBy(input: string, output: string): string[] {
  const kept = output.split(/\[REDACTED(?::\w+)?\]/);
  if (kept.length === 1) return [];
  const removed: string[] = [];
  let at = 0;
  for (const [index, piece] of kept.entries()) {
    // The original also rewrites the name before a value: `API_KEY: x` becomes `api_key=[REDACTED]`.
    const core = piece.replace(/(?:api_key|token|secret|password)=$/, "");
    const found = input.indexOf(core, at);
    if (index > 0)
      removed.push(index === kept.length - 1 && core === "" ? input.slice(at) : input.slice(at, found));
    at = Math.max(found, at) + core.length;
  }
  return removed.map((text) => text.replace(/^(?:api[ _-]?key|token|secret|password)[: =]+/i, "").trim());
}

/** A word of letters alone is prose ("token authentication"), unless an equals sign gave it away. */
function looksSecret(text: string): boolean {
  return /[\d!/+=-]/.test(text);
}

/** What a secret looks like: a documented prefix, a key block, a URL's password, or a value behind a secret's name. */
function secretShapes(input: string): string[] {
  const shapes = [
    /\b(?:sk-|xapp-|xox[a-z]-|gh[a-z]_|github_pat_|AKIA|ASIA|npm_|glpat-|hv[sbr]\.|AIza|[sr]k_(?:live|test)_)([\w-]{10,})/g,
    /AGE-SECRET-KEY-1(\w{20,})/g,
    /PRIVATE KEY(?: BLOCK)?-----(.+?)-----END/g,
    /:\/\/[^\s:/@]+:([^\s@]+)@/g,
    /["']?\w*(?:api_?key|password|secret|token|access_key)\w*["']?\s*[:=]\s*["']([^"']+)["']/gi,
    /\w*(?:api_?key|password|secret|token|access_key)\s*=\s*([^\s"']+)/gi,
  ];
  return shapes.flatMap((shape) => [...input.matchAll(shape)].map((match) => match[1] as string));
}

/** Personal data of ours: cards with a right check digit, no bare row of ten digits. */
function isPersonal(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  if (text.includes("@")) return true;
  if (digits.length >= 13) return luhn(digits);
  return /\D/.test(text);
}

/** Whether what stands before the text says what it is: `Credit card: …`. */
function isNamed(input: string, text: string): boolean {
  return /[a-z]\s*[:=]\s*$/i.test(input.slice(0, input.indexOf(text)));
}

function luhn(digits: string): boolean {
  const sum = digits
    .split("")
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

// The words behind the fragments that the original searches for, without those that name no secret by themselves.
const CREDENTIALS =
  "password passwd passphrase token bearer jwt authorization cookie setcookie apikey accesskey privatekey clientsecret refreshtoken idtoken csrf otp totp secret credential signature hmac ssn socialsecurity creditcard cardnumber cvv dsn connectionstring connstring databaseurl dburl redisurl amqpurl postgresurl mongodburi".split(
    " ",
  );
// What the original misses.
const MISSED = "pwd passcode seedphrase mnemonic iban accountnumber".split(" ");

/** A name is secret when whole words of it are, whatever the original finds inside its words. */
function expectSecret(name: string, sensitive: boolean): boolean {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);
  const runs = words.flatMap((_, start) =>
    [1, 2, 3].map((length) => words.slice(start, start + length).join("")),
  );
  return runs.some((run) => MISSED.includes(run) || (sensitive && CREDENTIALS.includes(run)));
}
