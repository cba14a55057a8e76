import { SymbiontError } from "@symbiont/kit";

/** Why a redactor refused a call. Redacting itself never throws: what fails there becomes `[REDACTED:error]`. */
export type RedactErrorCode =
  | "REDACT_VALUE_TOO_SHORT"
  | "REDACT_VALUE_TOO_LONG"
  | "REDACT_REGISTER_FULL"
  | "REDACT_STREAM_ENDED";

/** Error of `@symbiont/redact`. Messages never hold a value that was to be redacted. */
export class RedactError extends SymbiontError<RedactErrorCode> {}
