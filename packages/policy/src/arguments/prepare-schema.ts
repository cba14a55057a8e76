import { dereference, type Schema, type SchemaDraft, validate } from "@cfworker/json-schema";
import { excerpt } from "@symbiont/kit";
import { type ArgumentsDenial, pointTo, Refusal } from "./denial.ts";
import { Meter } from "./meter.ts";
import { draftOf, SchemaCopier } from "./schema-copier.ts";

/** A tool's schema made ready for any number of calls. A copy: later changes of the original have no effect. */
export interface PreparedSchema {
  /** Why no arguments are accepted; absent when the schema is sound. */
  readonly problem?: ArgumentsDenial;
}

/** The one implementation of {@link PreparedSchema}. */
export class SchemaValidator implements PreparedSchema {
  readonly problem?: ArgumentsDenial;
  readonly #meter = new Meter();
  readonly #draft: SchemaDraft = "2020-12";
  readonly #schema: Schema | boolean = false;
  readonly #lookup: Record<string, Schema | boolean> = {};

  constructor(source: unknown) {
    try {
      if (typeof source !== "object" || source === null || Array.isArray(source)) {
        throw new Refusal("args.bad_schema", "the schema of the tool is not an object");
      }
      this.#draft = draftOf(source);
      this.#schema = new SchemaCopier(this.#meter).copy(source);
      this.#meter.open({});
      this.#lookup = dereference(this.#schema);
    } catch (error) {
      this.problem = toDenial(error);
    }
  }

  /** @throws Refusal */
  check(values: Record<string, unknown>): void {
    const evaluated = Object.create(null) as Record<string, boolean>;
    this.#meter.open(values);
    try {
      const { valid, errors } = validate(
        values,
        this.#schema,
        this.#draft,
        this.#lookup,
        true,
        null,
        "#",
        "#",
        evaluated,
      );
      if (!valid) {
        const { instanceLocation, keyword } = errors.at(-1) ?? { instanceLocation: "#", keyword: "schema" };
        const path = instanceLocation.slice(1);
        throw new Refusal(
          "args.schema",
          `arguments do not fit the schema: ${keyword} at ${excerpt(path)}`,
          path,
        );
      }
    } finally {
      this.#meter.close();
    }
    // Differs from JSON Schema, where a member that no schema speaks of is welcome.
    for (const name of Object.keys(values)) {
      if (evaluated[name] !== true) {
        throw new Refusal(
          "args.unknown_property",
          `the tool takes no argument ${excerpt(name)}`,
          pointTo("", name),
        );
      }
    }
  }
}

/**
 * Prepares a tool's input schema. Never throws: a schema that is refused is one that accepts no arguments, and
 * says so in `problem`.
 */
export function prepareSchema(schema: unknown): PreparedSchema {
  return new SchemaValidator(schema);
}

/** A refusal as it is reported; whatever else was thrown means that the schema could not be worked with. */
export function toDenial(error: unknown): ArgumentsDenial {
  if (error instanceof Refusal) return error.toDenial();
  return new Refusal("args.bad_schema", "the schema of the tool cannot be evaluated").toDenial();
}
