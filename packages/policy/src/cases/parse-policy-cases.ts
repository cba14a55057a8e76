import {
  type DecisionRequest,
  excerpt,
  type JsonObject,
  type JsonValue,
  type KitError,
  parseJson,
} from "@symbiont/kit";
import { PolicyError } from "../error.ts";
import type { ExpectedDecision, PolicyCase } from "./policy-case.ts";

const MAX_BYTES = 4 * 1024 * 1024;
const KINDS: ReadonlySet<unknown> = new Set(["agent", "user", "service", "system"]);
const EFFECTS: ReadonlySet<unknown> = new Set(["allow", "deny", "ask"]);

/**
 * Reads a file of policy cases: `{ "cases": [{ "name", "request", "expect" }] }`. In a request the principal may
 * be left out (an agent named `agent`), the resource (a `tool` named like the action) and the context (empty).
 * The JSON Schema is `@symbiont/policy/policy-cases.schema.json`.
 *
 * @throws PolicyError `POLICY_CASES_INVALID` for anything else; a member that nobody knows is refused too, since a
 * misspelt expectation would never fail.
 */
export function parsePolicyCases(
  input: string | Uint8Array,
  { file = "cases.json" }: { readonly file?: string } = {},
): readonly PolicyCase[] {
  const reader = new CaseReader(file);
  let document: JsonValue;
  try {
    document = parseJson(input, { maxBytes: MAX_BYTES });
  } catch (cause) {
    throw reader.refuse(`not strict JSON: ${(cause as KitError).message}`, cause);
  }
  return reader.read(document);
}

class CaseReader {
  readonly #file: string;
  #where = "the document";

  constructor(file: string) {
    this.#file = file;
  }

  read(document: JsonValue): readonly PolicyCase[] {
    const { cases } = this.#members(document, ["cases"], ["$schema", "description"]);
    if (!Array.isArray(cases)) throw this.refuse("cases must be an array");
    return (cases as readonly JsonValue[]).map((value, index) => {
      this.#where = `case ${index}`;
      const { name, request, expect } = this.#members(value, ["name", "request", "expect"], []);
      return {
        name: this.#text(name, "name"),
        request: this.#request(request),
        expect: this.#expect(expect),
      };
    });
  }

  refuse(message: string, cause?: unknown): PolicyError {
    const diagnostic = { file: this.#file, line: 1, column: 1, message: `${this.#where}: ${message}` };
    return new PolicyError("POLICY_CASES_INVALID", [diagnostic], cause === undefined ? {} : { cause });
  }

  #request(value: JsonValue | undefined): DecisionRequest {
    const optional = ["principal", "resource", "context", "approvals"];
    const {
      action,
      principal,
      resource,
      context = {},
      approvals,
    } = this.#members(value, ["action"], optional);
    const name = this.#text(action, "action");
    return {
      principal: principal === undefined ? { kind: "agent", id: "agent" } : this.#principal(principal),
      action: name,
      resource: resource === undefined ? { kind: "tool", id: name } : this.#resource(resource),
      context: this.#object(context, "context"),
      ...(approvals === undefined ? {} : { approvals: this.#texts(approvals, "approvals") }),
    };
  }

  #principal(value: JsonValue): DecisionRequest["principal"] {
    const { kind, id, roles, attributes } = this.#members(value, ["kind", "id"], ["roles", "attributes"]);
    if (!KINDS.has(kind)) throw this.refuse("kind must be agent, user, service or system");
    return {
      kind: kind as DecisionRequest["principal"]["kind"],
      id: this.#text(id, "id"),
      ...(roles === undefined ? {} : { roles: this.#texts(roles, "roles") }),
      ...(attributes === undefined ? {} : { attributes: this.#object(attributes, "attributes") }),
    };
  }

  #resource(value: JsonValue): DecisionRequest["resource"] {
    const { kind, id } = this.#members(value, ["kind", "id"], []);
    return { kind: this.#text(kind, "kind"), id: this.#text(id, "id") };
  }

  #expect(value: JsonValue | undefined): ExpectedDecision {
    const { effect, code, rules, role } = this.#members(value, ["effect"], ["code", "rules", "role"]);
    if (!EFFECTS.has(effect)) throw this.refuse("effect must be allow, deny or ask");
    return {
      effect: effect as ExpectedDecision["effect"],
      ...(code === undefined ? {} : { code: this.#text(code, "code") }),
      ...(rules === undefined ? {} : { rules: this.#texts(rules, "rules") }),
      ...(role === undefined ? {} : { role: this.#text(role, "role") }),
    };
  }

  #members(
    value: JsonValue | undefined,
    required: readonly string[],
    optional: readonly string[],
  ): Readonly<Record<string, JsonValue | undefined>> {
    const object = this.#object(value, "it");
    for (const name of required) {
      if (!Object.hasOwn(object, name)) throw this.refuse(`${name} is missing`);
    }
    for (const name of Object.keys(object)) {
      if (!required.includes(name) && !optional.includes(name))
        throw this.refuse(`the member ${excerpt(name)} is not known`);
    }
    return object;
  }

  #object(value: JsonValue | undefined, name: string): JsonObject {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw this.refuse(`${name} must be an object`);
    return value as JsonObject;
  }

  #text(value: JsonValue | undefined, name: string): string {
    if (typeof value !== "string" || value === "") throw this.refuse(`${name} must be a text`);
    return value;
  }

  #texts(value: JsonValue, name: string): readonly string[] {
    if (!Array.isArray(value)) throw this.refuse(`${name} must be an array of texts`);
    return (value as readonly JsonValue[]).map((text) => this.#text(text, name));
  }
}
