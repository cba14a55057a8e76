const MARK: unique symbol = Symbol.for("@symbiont/error") as never;

/** Options shared by every error of these packages. */
export interface SymbiontErrorOptions {
  /** The lower error that led to this one. */
  readonly cause?: unknown;
  /** Whether the same call may succeed later. Default `false`. */
  readonly retryable?: boolean;
}

/**
 * Base of every error these packages throw. Switch on `code`, never on the message.
 *
 * Each package has one subclass with a closed union of codes. Errors are recognised by a registered symbol,
 * so {@link SymbiontError.is} also works when two copies of a package are installed.
 */
export abstract class SymbiontError<Code extends string = string> extends Error {
  /** Stable reason, `AREA_REASON`. The same string appears in decisions and audit records. */
  readonly code: Code;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: Code, message: string, options: SymbiontErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true });
    Object.defineProperty(this, MARK, { value: true });
  }

  /** Tells whether `value` is an error of this class, whichever installed copy created it. */
  static is<T extends SymbiontError>(this: abstract new (...args: never[]) => T, value: unknown): value is T {
    if (typeof value !== "object" || value === null || !(MARK in value)) return false;
    return this.name === "SymbiontError" || (value as unknown as Error).name === this.name;
  }
}

/** Why a foundation function refused its input. */
export type KitErrorCode =
  | "ENCODING_INVALID"
  | "JSON_SYNTAX"
  | "JSON_TOO_LARGE"
  | "JSON_TOO_DEEP"
  | "JSON_DUPLICATE_NAME"
  | "JSON_RESERVED_NAME"
  | "JSON_ILL_FORMED_TEXT"
  | "JSON_NUMBER_RANGE"
  | "CANONICAL_UNSUPPORTED_VALUE"
  | "CANONICAL_ILL_FORMED_TEXT"
  | "CANONICAL_TOO_DEEP"
  | "AEAD_OPEN_FAILED";

/** Error of `@symbiont/kit`. */
export class KitError extends SymbiontError<KitErrorCode> {
  /** Where in the input, in UTF-16 code units (text) or bytes, when the position is known. */
  readonly offset?: number;

  constructor(
    code: KitErrorCode,
    message: string,
    options: SymbiontErrorOptions & { readonly offset?: number } = {},
  ) {
    super(code, message, options);
    if (options.offset !== undefined) this.offset = options.offset;
  }
}
