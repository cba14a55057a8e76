import type { ArgumentChecker } from "@symbiont/kit";
import { checkArguments } from "./check-arguments.ts";
import { type PreparedSchema, prepareSchema } from "./prepare-schema.ts";

/**
 * Puts {@link checkArguments} behind the port that gates ask. A schema object is prepared once for as long as it
 * lives, so hand over the same frozen object each time, as verified tool definitions are.
 */
export function createArgumentChecker(): ArgumentChecker {
  const prepared = new WeakMap<object, PreparedSchema>();
  return {
    check(input, schema) {
      let ready = prepared.get(schema);
      if (ready === undefined) {
        ready = prepareSchema(schema);
        // A schema that can still change must be read again each time.
        if (Object.isFrozen(schema)) prepared.set(schema, ready);
      }
      const result = checkArguments(input, ready);
      return result.denied
        ? { valid: false, code: result.code, reason: result.reason }
        : { valid: true, arguments: result.arguments };
    },
  };
}
