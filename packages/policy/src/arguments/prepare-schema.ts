import { frozenCopy } from "@symbiont/kit";
import { type ArgumentsDenial, Refusal } from "./denial.ts";
import { compileSchema } from "./schema/compile-schema.ts";
import { SchemaInterpreter } from "./schema/interpret-schema.ts";
import type { SchemaTest } from "./schema/schema-test.ts";

/** A tool's schema made ready for any number of calls. A copy: later changes of the original have no effect. */
export interface PreparedSchema {
  /** Why no arguments are accepted; absent when the schema is sound. */
  readonly problem?: ArgumentsDenial;
}

/** Units of work for the compiled test of one call; what needs more goes to the interpreter, which has its own. */
const EFFORT = 100_000;

/** The one implementation of {@link PreparedSchema}. */
export class SchemaValidator implements PreparedSchema {
  readonly problem?: ArgumentsDenial;
  readonly #source: object = {};
  readonly #test: SchemaTest | undefined;
  #interpreter: SchemaInterpreter | undefined;

  constructor(source: unknown) {
    try {
      if (typeof source !== "object" || source === null || Array.isArray(source)) {
        throw new Refusal("args.bad_schema", "the schema of the tool is not an object");
      }
      this.#source = copyOf(source);
      this.#test = compileSchema(this.#source);
      if (this.#test === undefined) this.#interpreter = new SchemaInterpreter(this.#source);
    } catch (error) {
      this.problem = toDenial(error);
    }
  }

  /** @throws Refusal */
  check(values: Record<string, unknown>): void {
    if (this.#fits(values)) return;
    this.#interpreter ??= new SchemaInterpreter(this.#source);
    this.#interpreter.check(values);
  }

  /** Whether the compiled test is certain; the interpreter has the last word about everything else. */
  #fits(values: Record<string, unknown>): boolean {
    try {
      return this.#test?.(values, { left: EFFORT }) === true;
    } catch {
      return false;
    }
  }
}

/** A copy that nobody can change; what cannot be copied is given as it is, for the interpreter to refuse. */
function copyOf(source: object): object {
  try {
    return frozenCopy(source);
  } catch {
    return source;
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
