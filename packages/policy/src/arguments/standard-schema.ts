import { excerpt } from "@symbiont/kit";
import { pointTo, Refusal } from "./denial.ts";
import { readArguments } from "./read-arguments.ts";

/**
 * A schema of any library that implements Standard Schema version 1, such as zod, valibot or arktype.
 * @see https://standardschema.dev
 */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>;
  };
}

/** What a Standard Schema says of a value. */
export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that a Standard Schema finds wrong. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Whether a schema is a Standard Schema. A function may be one. */
export function isStandardSchema(schema: unknown): schema is StandardSchema {
  const isObject = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  return isObject && "~standard" in schema;
}

/**
 * Checks arguments against a Standard Schema and gives what it made of them, as plain data. A member that it
 * silently drops is refused, since the caller meant something by it.
 * @throws Refusal
 */
export function checkStandardSchema(
  values: Record<string, unknown>,
  schema: StandardSchema,
): Record<string, unknown> {
  const { version, validate } = schema["~standard"];
  if (version !== 1 || typeof validate !== "function") throw bad("its version is not supported");
  const given = Object.keys(values);
  const result = validate(values);
  if (result instanceof Promise) {
    result.catch(() => undefined); // nobody waits for it
    throw bad("it cannot be checked at once");
  }
  if (result.issues !== undefined) throw toRefusal(result.issues);
  const made = readArguments(result.value);
  for (const name of given) {
    if (!Object.hasOwn(made, name))
      throw new Refusal(
        "args.unknown_property",
        `the tool takes no argument ${excerpt(name)}`,
        pointTo("", name),
      );
  }
  return made;
}

function toRefusal([first]: readonly StandardIssue[]): Refusal {
  const path = (first?.path ?? [])
    .map((part) => (typeof part === "object" ? part.key : part))
    .reduce<string>((pointer, key) => pointTo(pointer, String(key)), "");
  return new Refusal("args.schema", `arguments do not fit the schema: at ${excerpt(path)}`, path);
}

function bad(why: string): Refusal {
  return new Refusal("args.bad_schema", `the schema of the tool is refused: ${why}`);
}
