import { dereference, type Schema, type SchemaDraft, validate } from "@cfworker/json-schema";
import { excerpt } from "@symbiont/kit";
import { pointTo, Refusal } from "../denial.ts";
import { Meter } from "./meter.ts";
import { draftOf, SchemaCopier } from "./schema-copier.ts";

/** Checks arguments by walking the schema: knows every keyword, and says what is wrong. */
export class SchemaInterpreter {
  readonly #meter = new Meter();
  readonly #draft: SchemaDraft;
  readonly #schema: Schema | boolean;
  readonly #lookup: Record<string, Schema | boolean>;

  /** @throws Refusal `args.bad_schema` */
  constructor(source: object) {
    this.#draft = draftOf(source);
    this.#schema = new SchemaCopier(this.#meter).copy(source);
    this.#meter.open({});
    this.#lookup = dereference(this.#schema);
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
        const reason = `arguments do not fit the schema: ${keyword} at ${excerpt(path)}`;
        throw new Refusal("args.schema", reason, path);
      }
    } finally {
      this.#meter.close();
    }
    // Differs from JSON Schema, where a member that no schema speaks of is welcome.
    for (const name of Object.keys(values)) {
      if (evaluated[name] !== true) {
        const reason = `the tool takes no argument ${excerpt(name)}`;
        throw new Refusal("args.unknown_property", reason, pointTo("", name));
      }
    }
  }
}
