export { RedactError, type RedactErrorCode } from "./errors.ts";
export { createRedactionStream } from "./redaction-stream.ts";
export { createRedactor, type Redactor, type RedactorOptions } from "./redactor.ts";
export type { ReplacementOption } from "./replacement.ts";
export { isSensitiveName } from "./sensitive-name.ts";
export { type StripOptions, stripSensitive } from "./strip-sensitive.ts";
export { TextRedactor } from "./text-redactor.ts";
