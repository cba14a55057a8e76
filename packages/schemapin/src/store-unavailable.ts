import { SchemaPinError } from "./schemapin-error.ts";

/** A store that could not be asked. It may be there again later. */
export function unavailable(why: string, cause: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_PIN_STORE_UNAVAILABLE", `pin store cannot be used: ${why}`, {
    cause,
    retryable: true,
  });
}
