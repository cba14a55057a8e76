import { WebhookError } from "../webhook-error.ts";

/** What may stand in braces in a template. */
export type TemplateToken = "body" | "timestamp" | "id" | "url" | "method";

/** Values for the tokens other than the body; undefined when the delivery has none. */
export type TemplateValues = Readonly<Record<Exclude<TemplateToken, "body">, string | undefined>>;

/** A template taken apart at the body. */
export interface SignedTemplate {
  readonly tokens: ReadonlySet<TemplateToken>;
  before(values: TemplateValues): string;
  after(values: TemplateValues): string;
}

type Fill = (values: TemplateValues) => string;

const PIECE = /\{([a-z]+)\}|([^{}]+)|[{}]/g;
const TOKENS: ReadonlySet<string> = new Set(["body", "timestamp", "id", "url", "method"]);

/**
 * Reads a description of signed bytes such as `v0:{timestamp}:{body}`.
 * @throws TypeError unless every token is known and `{body}` stands there exactly once.
 */
export function readTemplate(template: string): SignedTemplate {
  const tokens = new Set<TemplateToken>();
  const sides: [(string | Fill)[], (string | Fill)[]] = [[], []];
  let side = sides[0];
  for (const [all, token, literal] of template.matchAll(PIECE)) {
    if (literal !== undefined) side.push(literal);
    else if (token === undefined || !TOKENS.has(token))
      throw new TypeError(`signed must hold known tokens only, not ${all}`);
    else if (tokens.has(token as TemplateToken)) throw new TypeError(`signed must hold ${all} once`);
    else if (token === "body") side = sides[1];
    else side.push(filler(token as keyof TemplateValues));
    if (token !== undefined) tokens.add(token as TemplateToken);
  }
  if (!tokens.has("body")) throw new TypeError("signed must hold {body}");
  return { tokens, before: concatenation(sides[0]), after: concatenation(sides[1]) };
}

function concatenation(pieces: readonly (string | Fill)[]): Fill {
  if (pieces.length === 0) return () => "";
  const fills = pieces.map((piece): Fill => (typeof piece === "string" ? () => piece : piece));
  return (values) => {
    let text = "";
    for (const fill of fills) text += fill(values);
    return text;
  };
}

function filler(token: keyof TemplateValues): Fill {
  return (values) => {
    const value = values[token];
    if (value === undefined)
      throw new WebhookError("WEBHOOK_MISSING_CONTEXT", `scheme signs the ${token}, which was not given`);
    return value;
  };
}
