import { ApiKeyError, type ApiKeyErrorCode } from "@symbiont/api-keys";
import { expect, test } from "vitest";

const statuses: Readonly<Record<ApiKeyErrorCode, number>> = {
  API_KEY_MISSING: 401,
  API_KEY_HEADER_INVALID: 400,
  API_KEY_REFUSED: 401,
  API_KEY_SCOPE_DENIED: 403,
  API_KEY_BUSY: 503,
  API_KEY_THROTTLED: 429,
  API_KEY_NOT_FOUND: 404,
  API_KEY_EXISTS: 409,
  API_KEY_INACTIVE: 409,
  API_KEY_CONFLICT: 409,
  API_KEY_WEAK_SECRET: 422,
  API_KEY_TOKEN_TAKEN: 500,
  API_KEY_STORE_UNAVAILABLE: 503,
  API_KEY_STORE_CORRUPT: 503,
  API_KEY_AUDIT_FAILED: 503,
};

test.each(Object.entries(statuses))("%s suits an answer with status %i", (code, status) => {
  expect(new ApiKeyError(code as ApiKeyErrorCode, "x").httpStatus).toBe(status);
});
