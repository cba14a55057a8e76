import { AT_SPACE, type TextSpan } from "./text-span.ts";

/** One kind of token that its first characters give away. */
interface TokenRule {
  readonly label: string;
  /** Sticky, and without two ways to read one text: a failed try costs no more than the shortest token. */
  readonly pattern: RegExp;
}

// Prefixes as their issuers document them. A prefix alternative must be listed in TRIGGER too.
const RULES: readonly TokenRule[] = [
  { label: "API_KEY", pattern: /sk-[\w-]{20,}/y },
  { label: "SLACK_TOKEN", pattern: /(?:xox[abceoprs]|xapp)-[\w-]{10,}/y },
  { label: "SLACK_TOKEN", pattern: /xoxe\.xox[bp]-[\w-]{10,}/y },
  { label: "GITHUB_TOKEN", pattern: /gh[pousr]_[A-Za-z0-9]{30,}/y },
  { label: "GITHUB_TOKEN", pattern: /github_pat_\w{22,}/y },
  { label: "GITLAB_TOKEN", pattern: /gl(?:pat|dt|rt|oas|cbt|ptt|ft|agent|soat|imt)-[\w-]{20,}/y },
  { label: "AWS_KEY_ID", pattern: /A[KS]IA[A-Z0-9]{16}/y },
  { label: "GOOGLE_API_KEY", pattern: /AIza[\w-]{35}/y },
  { label: "GOOGLE_TOKEN", pattern: /ya29\.[\w-]{20,}/y },
  { label: "GOOGLE_CLIENT_SECRET", pattern: /GOCSPX-[\w-]{20,}/y },
  { label: "STRIPE_KEY", pattern: /[srp]k_(?:live|test)_[A-Za-z0-9]{16,}/y },
  { label: "WEBHOOK_SECRET", pattern: /whsec_[A-Za-z0-9+/=]{20,}/y },
  { label: "NPM_TOKEN", pattern: /npm_[A-Za-z0-9]{30,}/y },
  { label: "PYPI_TOKEN", pattern: /pypi-[\w-]{30,}/y },
  { label: "HUGGINGFACE_TOKEN", pattern: /hf_[A-Za-z0-9]{30,}/y },
  { label: "SENDGRID_KEY", pattern: /SG\.[\w-]{16,64}\.[\w-]{16,}/y },
  { label: "DIGITALOCEAN_TOKEN", pattern: /do[opr]_v1_[a-f0-9]{40,}/y },
  { label: "SHOPIFY_TOKEN", pattern: /shp(?:at|ss|ca|pa)_[a-f0-9]{32}/y },
  { label: "VAULT_TOKEN", pattern: /hv[sbr]\.[\w-]{20,}/y },
  { label: "VAULT_TOKEN", pattern: /s\.(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24}(?![\w.-])/y },
  { label: "AGE_SECRET_KEY", pattern: /AGE-SECRET-KEY-1[0-9A-Za-z]{50,}/iy },
  // Three parts or, encrypted, five; the last two may be empty. Its start is never inside another token's run.
  { label: "JWT", pattern: /(?<![\w-])eyJ[\w-]{5,}(?:\.[\w-]*){2,4}/y },
];

const TRIGGER =
  /sk-|xox|xapp-|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|oas|cbt|ptt|ft|agent|soat|imt)-|A[KS]IA|AIza|ya29\.|GOCSPX-|[srp]k_(?:live|test)_|whsec_|npm_|pypi-|hf_|SG\.|do[opr]_v1_|shp(?:at|ss|ca|pa)_|hv[sbr]\.|s\.[A-Za-z0-9]{24}|[Aa][Gg][Ee]-[Ss][Ee][Cc]|eyJ|_[0-9A-Za-z]{12}\.[0-9A-Za-z]{49}/g;

const OWN_KEY = /_[0-9A-Za-z]{12}\.[0-9A-Za-z]{49}/y;
const OWN_KEY_PREFIX = 16;

/** Finds tokens that can be told by their first characters. */
export function findTokens(text: string, spans: TextSpan[]): void {
  TRIGGER.lastIndex = 0;
  for (let match = TRIGGER.exec(text); match !== null; match = TRIGGER.exec(text)) {
    const span =
      text.charCodeAt(match.index) === UNDERSCORE ? ownKey(text, match.index) : token(text, match.index);
    if (span === undefined) {
      TRIGGER.lastIndex = match.index + 1;
    } else {
      spans.push(span);
      TRIGGER.lastIndex = span.end;
    }
  }
}

function token(text: string, start: number): TextSpan | undefined {
  if (start > 0 && isAlphanumeric(text.charCodeAt(start - 1))) return undefined;
  for (const { label, pattern } of RULES) {
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

const UNDERSCORE = 0x5f;

function isAlphanumeric(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x30 && unit <= 0x39);
}
