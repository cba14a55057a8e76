import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why a model log could not be written or read. */
export type ModelLogErrorCode =
  | "MODEL_LOG_UNAVAILABLE"
  | "MODEL_LOG_CLOSED"
  | "MODEL_LOG_META_INVALID"
  | "MODEL_LOG_FORMAT_INVALID"
  | "MODEL_LOG_TAMPERED"
  | "MODEL_LOG_WRONG_KEY"
  | "MODEL_LOG_KEY_MISSING";

/** Where in the log an error is. */
export interface ModelLogErrorOptions extends SymbiontErrorOptions {
  readonly segment?: string;
  readonly record?: number;
}

/** Error of `@symbiont/model-log`. */
export class ModelLogError extends SymbiontError<ModelLogErrorCode> {
  /** File name of the segment, when the error is about one. */
  readonly segment?: string;
  /** Number of the record in it, from 1, when the error is about one. */
  readonly record?: number;

  constructor(code: ModelLogErrorCode, message: string, options: ModelLogErrorOptions = {}) {
    super(code, message, options);
    if (options.segment !== undefined) this.segment = options.segment;
    if (options.record !== undefined) this.record = options.record;
  }
}
