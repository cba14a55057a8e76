import type { Schema } from "@cfworker/json-schema";
import { compilePattern } from "@symbiont/kit/linear-pattern";
import { pointTo, Refusal } from "../denial.ts";
import type { Meter } from "./meter.ts";

// The validator runs patterns as backtracking expressions. So each pattern is answered here first, in linear
// time, for the texts that the arguments hold, and the schema is given the answer in other words.

/** Restates `pattern` as "none of those texts in the arguments that do not match". */
export function restatePattern(copy: Schema, path: string, meter: Meter): void {
  if (copy.pattern === undefined) return;
  const matches = compile(copy.pattern, pointTo(path, "pattern"), meter);
  const refused: Schema = {};
  Object.defineProperty(refused, "enum", { get: () => meter.select(refused, (text) => !matches(text)) });
  delete copy.pattern;
  copy.allOf = [...(copy.allOf ?? []), { not: meterVisits(refused, meter) }];
}

/** Restates each pattern of `patternProperties` as the names in the arguments that match it. */
export function restatePatternProperties(copy: Schema, path: string, meter: Meter): void {
  const { patternProperties } = copy;
  if (patternProperties === undefined) return;
  const place = pointTo(path, "patternProperties");
  const rules = Object.entries(patternProperties).map(([pattern, schema]) => ({
    matches: compile(pattern, pointTo(place, pattern), meter),
    schema,
  }));
  delete copy.patternProperties;
  // The validator looks for references once, when the names are not known yet: it finds the schemas here.
  const found = rules.map(({ schema }, index): [string, Schema | boolean] => [
    `patternProperties ${index}`,
    schema,
  ]);
  copy.$defs = Object.fromEntries([...Object.entries({ ...copy.$defs } as object), ...found]) as unknown;
  Object.defineProperty(copy, "patternProperties", {
    get: () =>
      Object.fromEntries(
        rules.flatMap(({ matches, schema }, index) => {
          const names = meter.select(rules[index] as object, matches);
          return names.length === 0 ? [] : [[literally(names, index), schema]];
        }),
      ),
  });
}

/** Makes every visit of the validator to a subschema cost something: it reads `$ref` of each. */
export function meterVisits(copy: Schema, meter: Meter): Schema {
  const reference = copy.$ref;
  const { enum: values, required, properties, uniqueItems } = copy;
  const readsText = copy.minLength !== undefined || copy.maxLength !== undefined || copy.format !== undefined;
  const parts = (required?.length ?? 0) + (properties === undefined ? 0 : Object.keys(properties).length);
  const isFixed = Object.getOwnPropertyDescriptor(copy, "enum")?.get === undefined;
  const units = 1 + (parts + (isFixed ? (values?.length ?? 0) : 0)) / 8;
  Object.defineProperty(copy, "$ref", {
    enumerable: false,
    configurable: true,
    get: () => {
      meter.spend(units);
      if (uniqueItems === true) meter.spendComparisons();
      if (readsText) meter.spendReading();
      return reference;
    },
  });
  return copy;
}

/** A pattern that matches exactly these names; the number keeps patterns for the same names apart. */
function literally(names: readonly string[], number: number): string {
  const escaped = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return `^(?:${escaped.join("|")})$${"(?:)".repeat(number)}`;
}

function compile(pattern: string, path: string, meter: Meter): (text: string) => boolean {
  try {
    const matches = compilePattern(pattern);
    const spend = (steps: number): void => meter.spendSteps(steps);
    return (text) => matches(text, spend);
  } catch (error) {
    const reason =
      error instanceof SyntaxError ? "a pattern is not valid or not supported" : "a pattern failed";
    throw new Refusal("args.bad_schema", `the schema of the tool is refused: ${reason}`, path);
  }
}
