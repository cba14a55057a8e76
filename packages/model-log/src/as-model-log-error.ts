import { ModelLogError } from "./model-log-error.ts";

/** Wraps what is not a `ModelLogError` yet. */
export function asModelLogError(error: unknown): ModelLogError {
  if (ModelLogError.is(error)) return error;
  return new ModelLogError("MODEL_LOG_UNAVAILABLE", "the model log cannot be written or read", {
    cause: error,
    retryable: true,
  });
}
