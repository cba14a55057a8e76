import type { DecisionRequest } from "@symbiont/kit";
import { isList, isPlainObject } from "../evaluate/value.ts";
import type { CedarEntityUid } from "./cedar-module.ts";

/** A request in Cedar's words. Values are plain data; they are checked before Cedar sees them. */
export interface CedarRequest {
  readonly principal: CedarEntityUid;
  readonly action: CedarEntityUid;
  readonly resource: CedarEntityUid;
  readonly context: Readonly<Record<string, unknown>>;
  /** Roles of the principal, as its parents. */
  readonly parents: readonly CedarEntityUid[];
}

/** Says a request in the words of a set of policies. */
export type CedarShape = (request: DecisionRequest) => CedarRequest;

/**
 * The two vocabularies in which policies for Symbiont are written.
 * `runtime`: `Agent::"id"`, `Action::"tool_call::name"`, `Resource::"default"`, the context as it is.
 * `hook`: `Symbi::Agent::"id"`, `Symbi::Action::"tool_call::name"`, `Symbi::Resource::"default"`, and the arguments of
 * the tool as `context.tool_input`.
 */
export const CEDAR_SHAPES: Readonly<Record<"runtime" | "hook", CedarShape>> = Object.freeze({
  runtime: (request: DecisionRequest) => shape(request, "", request.context),
  hook: (request: DecisionRequest) => {
    const { args, ...context } = request.context;
    return shape(request, "Symbi::", args === undefined ? context : { ...context, tool_input: args });
  },
});

function shape(
  { principal, action, resource }: DecisionRequest,
  namespace: string,
  context: Readonly<Record<string, unknown>>,
): CedarRequest {
  const type = (name: string): string => namespace + name;
  const kind = principal.kind.charAt(0).toUpperCase() + principal.kind.slice(1);
  return {
    principal: { type: type(kind), id: principal.id },
    action: { type: type("Action"), id: resource.kind === "tool" ? `tool_call::${action}` : action },
    resource: { type: type("Resource"), id: "default" },
    context,
    parents: [...new Set(principal.roles)].map((id) => ({ type: type("Role"), id })),
  };
}

/** Why a request cannot be put to Cedar: the decision code. */
export class CedarRefusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Names that Cedar reads as entities and extension calls, wherever they stand. */
const ESCAPES: ReadonlySet<string> = new Set(["__entity", "__extn", "__expr"]);
const MAX_DEPTH = 64;
const DECIMAL = /^-?\d{1,15}\.\d{1,4}$/;

/**
 * Copies a context into what Cedar can take: texts, booleans, whole numbers, lists and records.
 * @param decimals top-level names whose other numbers become `decimal` values.
 * @throws CedarRefusal `input.reserved_key:<name>`, `engine.request`.
 */
export function toCedarContext(
  context: Readonly<Record<string, unknown>>,
  decimals: ReadonlySet<string>,
): Record<string, unknown> {
  if (!isPlainObject(context)) throw new CedarRefusal("engine.request");
  return copyRecord(context, 0, (name) => decimals.has(name));
}

function copyRecord(
  record: object,
  depth: number,
  isDecimal: (name: string) => boolean,
): Record<string, unknown> {
  const copy = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(record)) {
    if (ESCAPES.has(name)) throw new CedarRefusal(`input.reserved_key:${name}`);
    if (name === "__proto__") throw new CedarRefusal(`input.reserved_key:${name}`);
    copy[name] = copyValue(readData(record, name), depth + 1, isDecimal(name));
  }
  return copy;
}

function copyValue(value: unknown, depth: number, isDecimal: boolean): unknown {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return copyNumber(value, isDecimal);
  if (depth > MAX_DEPTH) throw new CedarRefusal("engine.request");
  if (isList(value))
    return Array.from(value, (_, index) => copyValue(readData(value, String(index)), depth + 1, isDecimal));
  if (isPlainObject(value)) return copyRecord(value, depth, () => isDecimal);
  throw new CedarRefusal("engine.request");
}

function copyNumber(value: number, isDecimal: boolean): unknown {
  if (Number.isSafeInteger(value)) return value;
  const text = String(value);
  if (isDecimal && DECIMAL.test(text)) return { __extn: { fn: "decimal", arg: text } };
  throw new CedarRefusal("engine.request");
}

/** An own data member; a getter is not called. */
function readData(object: object, name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(object, name);
  if (property === undefined || !("value" in property)) throw new CedarRefusal("engine.request");
  return property.value;
}
