import { Failure } from "./failure.ts";
import { charge, type Frame } from "./frame.ts";
import { equals, isList, readElement } from "./value.ts";

/** Applies a lambda to one value. */
export type Apply = (item: unknown) => unknown;

const NOT_TEXT = new Failure("the operation works on text only");
const NOT_TEXT_OR_LIST = new Failure("the operation works on text or a list only");
const NOT_LIST = new Failure("the operation works on a list only");
const NOT_BOOLEAN = new Failure("the lambda does not give a boolean");

/** Built-ins that take plain values, by name: the first argument is what the method form stands behind. */
export const VALUE_BUILT_INS: ReadonlyMap<
  string,
  { readonly arity: number; readonly call: (frame: Frame, subject: unknown, argument: unknown) => unknown }
> = new Map([
  ["length", { arity: 1, call: (_: Frame, subject: unknown) => lengthOf(subject) }],
  ["contains", { arity: 2, call: contains }],
  ["starts_with", { arity: 2, call: textTest((text, part) => text.startsWith(part)) }],
  ["ends_with", { arity: 2, call: textTest((text, part) => text.endsWith(part)) }],
]);

/** Built-ins that take a list and a lambda, by name. */
export const LAMBDA_BUILT_INS: ReadonlyMap<
  string,
  (frame: Frame, list: readonly unknown[], apply: Apply) => unknown
> = new Map([
  ["map", map],
  ["any", (frame, list, apply) => quantify(frame, list, apply, true)],
  ["exists", (frame, list, apply) => quantify(frame, list, apply, true)],
  ["all", (frame, list, apply) => quantify(frame, list, apply, false)],
]);

/** Number of UTF-16 code units of a text, or of elements of a list. */
export function lengthOf(subject: unknown): number | Failure {
  return typeof subject === "string" || isList(subject) ? subject.length : NOT_TEXT_OR_LIST;
}

/** Tells whether a list holds a value. */
export function listContains(frame: Frame, list: unknown, value: unknown): boolean | Failure {
  if (!isList(list)) return NOT_LIST;
  for (let index = 0; index < list.length; index += 1) {
    const spent = charge(frame, 1);
    if (spent !== undefined) return spent;
    const item = readElement(list, index);
    const same = item instanceof Failure ? item : equals(item, value, frame);
    if (same !== false) return same;
  }
  return false;
}

function contains(frame: Frame, subject: unknown, argument: unknown): boolean | Failure {
  if (typeof subject !== "string")
    return isList(subject) ? listContains(frame, subject, argument) : NOT_TEXT_OR_LIST;
  if (typeof argument !== "string") return NOT_TEXT;
  return charge(frame, subject.length >> 8) ?? subject.includes(argument);
}

function textTest(test: (text: string, part: string) => boolean) {
  return (_: Frame, subject: unknown, argument: unknown): boolean | Failure =>
    typeof subject === "string" && typeof argument === "string" ? test(subject, argument) : NOT_TEXT;
}

function map(frame: Frame, list: readonly unknown[], apply: Apply): unknown {
  const results: unknown[] = [];
  for (let index = 0; index < list.length; index += 1) {
    const result = visit(frame, list, index, apply);
    if (result instanceof Failure) return result;
    results.push(result);
  }
  return results;
}

/** `any` when looking for true, `all` when looking for false; the sought value wins over failures. */
function quantify(frame: Frame, list: readonly unknown[], apply: Apply, sought: boolean): boolean | Failure {
  let failure: Failure | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const result = visit(frame, list, index, apply);
    if (result === sought) return sought;
    if (result instanceof Failure) failure ??= result;
    else if (typeof result !== "boolean") failure ??= NOT_BOOLEAN;
    if (frame.budget < 0) break;
  }
  return failure ?? !sought;
}

function visit(frame: Frame, list: readonly unknown[], index: number, apply: Apply): unknown {
  const spent = charge(frame, 1);
  if (spent !== undefined) return spent;
  const item = readElement(list, index);
  return item instanceof Failure ? item : apply(item);
}
