import { ApiKeyError } from "@symbiont/api-keys";

/** What `read` gives, or the code it fails with. */
export function codeOf<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (ApiKeyError.is(error)) return error.code;
    throw error;
  }
}
