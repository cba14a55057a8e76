import { AT_SPACE, type TextSpan } from "./text-span.ts";

/** One kind of token that its first characters give away. */
interface TokenRule {
  readonly label: string;
  /** Those first characters. The last of them is one of MARKS. */
  readonly prefix: RegExp;
  /** What follows, without two ways to read one text: a failed try costs no more than the shortest token. */
  readonly rest: RegExp;
  readonly ignoreCase?: true;
}

/** Rarer in text than the characters that tokens begin with. */
const MARKS = "-_.IJ";

// Prefixes as their issuers document them.
const RULES: readonly TokenRule[] = [
  { label: "API_KEY", prefix: /sk-/, rest: /[\w-]{20,}/ },
  { label: "SLACK_TOKEN", prefix: /(?:xox[abceoprs]|xapp)-/, rest: /[\w-]{10,}/ },
  { label: "SLACK_TOKEN", prefix: /xoxe\./, rest: /xox[bp]-[\w-]{10,}/ },
  { label: "GITHUB_TOKEN", prefix: /gh[pousr]_/, rest: /[A-Za-z0-9]{30,}/ },
  { label: "GITHUB_TOKEN", prefix: /github_/, rest: /pat_\w{22,}/ },
  {
    label: "GITLAB_TOKEN",
    prefix: /gl(?:pat|dt|rt|oas|cbt|ptt|ft|agent|soat|imt)-/,
    rest: /[\w-]{20,}/,
  },
  { label: "AWS_KEY_ID", prefix: /A[KS]I/, rest: /A[A-Z0-9]{16}/ },
  { label: "GOOGLE_API_KEY", prefix: /AI/, rest: /za[\w-]{35}/ },
  { label: "GOOGLE_TOKEN", prefix: /ya29\./, rest: /[\w-]{20,}/ },
  { label: "GOOGLE_CLIENT_SECRET", prefix: /GOCSPX-/, rest: /[\w-]{20,}/ },
  { label: "STRIPE_KEY", prefix: /[srp]k_/, rest: /(?:live|test)_[A-Za-z0-9]{16,}/ },
  { label: "WEBHOOK_SECRET", prefix: /whsec_/, rest: /[A-Za-z0-9+/=]{20,}/ },
  { label: "NPM_TOKEN", prefix: /npm_/, rest: /[A-Za-z0-9]{30,}/ },
  { label: "PYPI_TOKEN", prefix: /pypi-/, rest: /[\w-]{30,}/ },
  { label: "HUGGINGFACE_TOKEN", prefix: /hf_/, rest: /[A-Za-z0-9]{30,}/ },
  { label: "SENDGRID_KEY", prefix: /SG\./, rest: /[\w-]{16,64}\.[\w-]{16,}/ },
  { label: "DIGITALOCEAN_TOKEN", prefix: /do[opr]_/, rest: /v1_[a-f0-9]{40,}/ },
  { label: "SHOPIFY_TOKEN", prefix: /shp(?:at|ss|ca|pa)_/, rest: /[a-f0-9]{32}/ },
  { label: "VAULT_TOKEN", prefix: /hv[sbr]\./, rest: /[\w-]{20,}/ },
  { label: "VAULT_TOKEN", prefix: /s\./, rest: /(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24}(?![\w.-])/ },
  {
    label: "AGE_SECRET_KEY",
    prefix: /[Aa][Gg][Ee]-/,
    rest: /SECRET-KEY-1[0-9A-Za-z]{50,}/,
    ignoreCase: true,
  },
  // Three parts or, encrypted, five; the last two may be empty. Its start is never inside another token's run.
  { label: "JWT", prefix: /(?<![\w-])eyJ/, rest: /[\w-]{5,}(?:\.[\w-]*){2,4}/ },
];

const PATTERNS: readonly { readonly label: string; readonly pattern: RegExp }[] = RULES.map(
  ({ label, prefix, rest, ignoreCase }) => ({
    label,
    pattern: new RegExp(prefix.source + rest.source, ignoreCase === true ? "iy" : "y"),
  }),
);

const OWN_KEY = /_[0-9A-Za-z]{12}\.[0-9A-Za-z]{49}/y;
const OWN_KEY_PREFIX = 16;

/**
 * Source of the expression that stops wherever a token may be: at the last character of a prefix, and at the
 * underscore of our own keys. Behind a mark of prose stands a space and before one of a date a digit: most marks are
 * passed over before the prefixes are tried.
 */
export const TOKEN_SIGN: string = `[${MARKS}](?<=[A-Za-z9].)(?=[\\w+/=-])(?<=(?<![A-Za-z0-9])(${RULES.map((rule) => rule.prefix.source).join("|")}))|${OWN_KEY.source}`;
const TRIGGER = new RegExp(TOKEN_SIGN, "g");

/** Finds tokens that can be told by their first characters. */
export function findTokens(text: string, spans: TextSpan[]): void {
  TRIGGER.lastIndex = 0;
  for (let match = TRIGGER.exec(text); match !== null; match = TRIGGER.exec(text)) {
    const prefix = match[1];
    const span =
      (prefix === undefined ? undefined : token(text, match.index + 1 - prefix.length)) ??
      ownKey(text, match.index);
    if (span === undefined) {
      TRIGGER.lastIndex = match.index + 1;
    } else {
      spans.push(span);
      TRIGGER.lastIndex = span.end;
    }
  }
}

function token(text: string, start: number): TextSpan | undefined {
  for (const { label, pattern } of PATTERNS) {
    pattern.lastIndex = start;
    if (!pattern.test(text)) continue;
    return {
      from: start,
      start,
      end: pattern.lastIndex,
      replacement: `[REDACTED:${label}]`,
      resume: AT_SPACE,
    };
  }
  return undefined;
}

/** `ak_<12>.<49>`, or any other short prefix: found at the underscore, which is rarer than a letter. */
function ownKey(text: string, underscore: number): TextSpan | undefined {
  OWN_KEY.lastIndex = underscore;
  if (!OWN_KEY.test(text)) return undefined;
  const end = OWN_KEY.lastIndex;
  let start = underscore;
  while (start > 0 && underscore - start < OWN_KEY_PREFIX && isAlphanumeric(text.charCodeAt(start - 1)))
    start -= 1;
  if (start === underscore || isAlphanumeric(text.charCodeAt(end))) return undefined;
  return { from: start, start, end, replacement: "[REDACTED:API_KEY]", resume: AT_SPACE };
}

function isAlphanumeric(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x30 && unit <= 0x39);
}
