import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why the gate threw instead of denying. */
export type GateErrorCode =
  | "GATE_STAGE_FORGED"
  | "GATE_STAGE_REUSED"
  | "GATE_OUTCOME_NOT_RECORDED"
  | "GATE_CLOSED";

/**
 * Error of `@symbiont/core`. A refused call is a `Denial`, not an error; this is thrown when the gate is used
 * against its rules, or when an effect has happened and could not be recorded.
 */
export class GateError extends SymbiontError<GateErrorCode> {
  /** Whether the tool ran before the error: then the call must not be repeated blindly. */
  readonly effectCompleted: boolean;

  constructor(
    code: GateErrorCode,
    message: string,
    options: SymbiontErrorOptions & { readonly effectCompleted?: boolean } = {},
  ) {
    super(code, message, options);
    this.effectCompleted = options.effectCompleted ?? false;
  }
}
