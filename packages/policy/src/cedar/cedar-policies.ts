import { sha256Hex } from "@symbiont/keys/sha256";
import { canonicalJson, decodeUtf8 } from "@symbiont/kit";
import type { PolicySource } from "../decide/policy-holder.ts";
import { PolicyError, type PolicyErrorCode } from "../error.ts";
import { isPlainObject } from "../evaluate/value.ts";
import type { CedarModule } from "./cedar-module.ts";
import { checkNesting } from "./check-nesting.ts";

/** Policies that are sound, by id, and what each does. */
export interface CedarPolicies {
  /** Texts by id, `<file>#<index>`. */
  readonly texts: Readonly<Record<string, string>>;
  readonly effects: ReadonlyMap<string, "permit" | "forbid">;
  /** `sha256:<hex>` over the canonical JSON of the sorted `[name, source]` pairs and the schema. */
  readonly digest: string;
}

/** Largest text of one file, in UTF-16 code units. */
const MAX_LENGTH = 256 * 1024;
const ASCII = /^[\x20-\x7e]*$/;

/**
 * Reads files of Cedar policies.
 * @throws PolicyError `POLICY_SYNTAX`, `POLICY_TOO_LARGE`; `POLICY_INVALID` for templates, for the name of an action or
 * entity that holds characters which may look like others, and for what does not fit the schema.
 */
export function readCedarPolicies(
  cedar: CedarModule,
  sources: readonly PolicySource[],
  schema: string | undefined,
): CedarPolicies {
  const texts: Record<string, string> = Object.create(null) as Record<string, string>;
  const effects = new Map<string, "permit" | "forbid">();
  const pairs: [string, string][] = [];
  for (const { file, source } of sources) {
    const text = typeof source === "string" ? source : decodeUtf8(source);
    pairs.push([file, text]);
    for (const [index, part] of splitFile(cedar, file, text).entries()) {
      const id = `${file}#${index}`;
      const json = answerOf(cedar.policyToJson(part), file)["json"];
      texts[id] = part;
      effects.set(id, readEffect(json, file));
      checkNames(json, file);
    }
  }
  if (schema !== undefined) checkAgainstSchema(cedar, texts, schema);
  const content = [pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)), schema ?? null];
  return { texts, effects, digest: `sha256:${sha256Hex(canonicalJson(content))}` };
}

/** @throws RangeError for two files of one name. */
export function checkFileNames(sources: readonly PolicySource[]): void {
  const names = new Set<string>();
  for (const { file } of sources) {
    if (names.has(file)) throw new RangeError(`files must have different names, got ${file} twice`);
    names.add(file);
  }
}

function splitFile(cedar: CedarModule, file: string, text: string): readonly string[] {
  if (text.length > MAX_LENGTH)
    throw refuse("POLICY_TOO_LARGE", file, `longer than ${MAX_LENGTH} characters`);
  if (!checkNesting(text)) throw refuse("POLICY_TOO_LARGE", file, "nested too deeply");
  const { policies, policy_templates: templates } = answerOf(cedar.policySetTextToParts(text), file);
  if (!Array.isArray(policies) || !Array.isArray(templates))
    throw refuse("POLICY_SYNTAX", file, "not readable");
  if (templates.length > 0) throw refuse("POLICY_INVALID", file, "templates are not supported");
  return policies as readonly string[];
}

function readEffect(json: unknown, file: string): "permit" | "forbid" {
  const effect = isPlainObject(json) ? (json as { readonly effect?: unknown }).effect : undefined;
  if (effect !== "permit" && effect !== "forbid") throw refuse("POLICY_INVALID", file, "no known effect");
  return effect;
}

/** A look-alike letter in the name of an action makes a forbid that matches nothing. */
function checkNames(json: unknown, file: string): void {
  if (Array.isArray(json)) for (const part of json) checkNames(part, file);
  else if (isPlainObject(json)) {
    const { type, id } = json as { readonly type?: unknown; readonly id?: unknown };
    if (typeof type === "string" && typeof id === "string" && !ASCII.test(`${type}${id}`))
      throw refuse("POLICY_INVALID", file, NON_ASCII);
    for (const part of Object.values(json)) checkNames(part, file);
  }
}

/** What is wrong when a name may look like another. */
export const NON_ASCII = "the name of an entity or action holds characters that may look like others";

function checkAgainstSchema(cedar: CedarModule, texts: Record<string, string>, schema: string): void {
  const call = {
    validationSettings: { mode: "strict" },
    schema,
    policies: { staticPolicies: texts },
  } as const;
  const { validationErrors } = answerOf(cedar.validate(call), "schema");
  if (!Array.isArray(validationErrors)) throw refuse("POLICY_INVALID", "schema", "not readable");
  const [first] = validationErrors as readonly { readonly policyId?: unknown; readonly error?: unknown }[];
  if (first === undefined) return;
  const policy = String(first.policyId);
  throw refuse("POLICY_INVALID", policy, `does not fit the schema: ${messageOf(first.error)}`);
}

/** The members of a successful answer. @throws PolicyError `POLICY_SYNTAX` */
export function answerOf(answer: unknown, file: string): Readonly<Record<string, unknown>> {
  const members = (answer ?? {}) as { readonly type?: unknown; readonly errors?: readonly unknown[] };
  if (members.type !== "success") throw refuse("POLICY_SYNTAX", file, messageOf(members.errors?.[0]));
  return members;
}

function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message.slice(0, 200) : "refused by Cedar";
}

function refuse(code: PolicyErrorCode, file: string, message: string): PolicyError {
  return new PolicyError(code, [{ file, line: 1, column: 1, message }]);
}
