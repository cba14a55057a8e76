import type { FilestoreErrorCode } from "@symbiont/filestore";

/** Matches an error by what callers may rely on. */
export function refusal(code: FilestoreErrorCode, more: object = {}): object {
  return { name: "FilestoreError", code, ...more };
}
