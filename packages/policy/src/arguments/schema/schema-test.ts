import type { LinearPattern } from "@symbiont/kit/linear-pattern";
import { CHARACTERS_PER_UNIT } from "./meter.ts";

/** What one check may still spend. */
export interface Effort {
  left: number;
}

/** Whether a value fits; false also when the effort is used up. */
export type ValueTest = (value: unknown, effort: Effort) => boolean;

/** Whether arguments certainly fit a whole schema. */
export type SchemaTest = (values: Record<string, unknown>, effort: Effort) => boolean;

/** The parts of one schema; what is absent demands nothing. */
export interface Parts {
  readonly types?: ReadonlySet<string>;
  readonly values?: ReadonlySet<unknown>;
  readonly constant?: ReadonlySet<unknown>;
  readonly properties?: ReadonlyMap<string, ValueTest | boolean>;
  readonly required?: readonly string[];
  readonly additional?: ValueTest | boolean;
  readonly items?: ValueTest | boolean;
  readonly anyOf?: readonly (ValueTest | boolean)[];
  readonly allOf?: readonly (ValueTest | boolean)[];
  readonly oneOf?: readonly (ValueTest | boolean)[];
  readonly pattern?: LinearPattern;
  readonly format?: (value: string) => boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** Steps of pattern matching to one unit of effort. */
const STEPS_PER_UNIT = 32;

/** Makes the test of one schema. Each type of value meets only the keywords that concern it. */
export function makeTest(parts: Parts): ValueTest {
  const { types, values, constant } = parts;
  const allows = (type: string): boolean => types === undefined || types.has(type);
  const takes = { string: allows("string"), boolean: allows("boolean"), null: allows("null") };
  const testText = makeTextTest(parts);
  const testNumber = makeNumberTest(parts, allows("number"), allows("integer"));
  const testList = allows("array") ? makeListTest(parts) : () => false;
  const testObject = allows("object") ? makeObjectTest(parts) : () => false;
  const testType: ValueTest = (value, effort) => {
    effort.left -= 1;
    if (effort.left < 0) return false;
    switch (typeof value) {
      case "string":
        return takes.string && (testText === undefined || testText(value, effort));
      case "number":
        return testNumber(value);
      case "boolean":
        return takes.boolean;
      default:
        if (value === null) return takes.null;
        return Array.isArray(value)
          ? testList(value, effort)
          : testObject(value as Record<string, unknown>, effort);
    }
  };
  const others = makeApplicatorTests(parts);
  if (values !== undefined) others.push((value) => values.has(value));
  if (constant !== undefined) others.push((value) => constant.has(value));
  if (others.length === 0) return testType;
  return (value, effort) => testType(value, effort) && others.every((test) => test(value, effort));
}

function makeTextTest({ minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format }: Parts) {
  if (
    minLength === 0 &&
    maxLength === Number.POSITIVE_INFINITY &&
    pattern === undefined &&
    format === undefined
  )
    return undefined;
  return (text: string, effort: Effort): boolean => {
    // A length in code points lies between half the code units and all of them.
    if (text.length < minLength || text.length > maxLength * 2) return false;
    effort.left -= text.length / CHARACTERS_PER_UNIT;
    if (effort.left < 0) return false;
    if ((text.length > maxLength || text.length < minLength * 2) && !hasLength(text, minLength, maxLength))
      return false;
    if (pattern !== undefined) {
      const spend = (steps: number): void => {
        effort.left -= steps / STEPS_PER_UNIT;
        if (effort.left < 0) throw EXHAUSTED;
      };
      if (!pattern(text, spend)) return false;
    }
    return format === undefined || format(text);
  };
}

/** Ends a pattern that takes too much work; whoever runs the test reads it as "not certain". */
const EXHAUSTED = new Error("the effort is used up");

function hasLength(text: string, least: number, most: number): boolean {
  let length = 0;
  for (const _ of text) length += 1;
  return length >= least && length <= most;
}

function makeNumberTest(parts: Parts, anyNumber: boolean, integer: boolean): (value: number) => boolean {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = parts;
  const { exclusiveMinimum = Number.NEGATIVE_INFINITY, exclusiveMaximum = Number.POSITIVE_INFINITY } = parts;
  if (!anyNumber && !integer) return () => false;
  return (value) =>
    (anyNumber || Number.isInteger(value)) &&
    value >= minimum &&
    value <= maximum &&
    value > exclusiveMinimum &&
    value < exclusiveMaximum;
}

function makeListTest({ items = true, minItems = 0, maxItems = Number.POSITIVE_INFINITY }: Parts) {
  return (value: readonly unknown[], effort: Effort): boolean => {
    if (value.length < minItems || value.length > maxItems) return false;
    if (typeof items === "boolean") return items || value.length === 0;
    for (const item of value) if (!items(item, effort)) return false;
    return true;
  };
}

function makeObjectTest(parts: Parts) {
  const { properties = new Map<string, ValueTest | boolean>(), required = [], additional = true } = parts;
  const { minProperties = 0, maxProperties = Number.POSITIVE_INFINITY } = parts;
  return (value: Record<string, unknown>, effort: Effort): boolean => {
    for (const name of required) if (!Object.hasOwn(value, name)) return false;
    const names = Object.keys(value);
    if (names.length < minProperties || names.length > maxProperties) return false;
    for (const name of names) {
      const test = properties.get(name) ?? additional;
      if (typeof test === "boolean" ? !test : !test(value[name], effort)) return false;
    }
    return true;
  };
}

function makeApplicatorTests({ anyOf, allOf, oneOf }: Parts): ValueTest[] {
  const run = (test: ValueTest | boolean, value: unknown, effort: Effort): boolean =>
    typeof test === "boolean" ? test : test(value, effort);
  const tests: ValueTest[] = [];
  if (anyOf !== undefined) tests.push((value, effort) => anyOf.some((test) => run(test, value, effort)));
  if (allOf !== undefined) tests.push((value, effort) => allOf.every((test) => run(test, value, effort)));
  if (oneOf !== undefined)
    tests.push((value, effort) => {
      const matching = oneOf.filter((test) => run(test, value, effort)).length;
      // A test that ran out of effort said no without knowing.
      return matching === 1 && effort.left >= 0;
    });
  return tests;
}
