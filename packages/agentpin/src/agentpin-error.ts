import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";
import type { ProtocolCode } from "./protocol-code.ts";

/** Why something was refused: the protocol's codes with our prefix, and what the protocol has no code for. */
export type AgentPinErrorCode =
  | `AGENTPIN_${ProtocolCode}`
  | "AGENTPIN_CARD_INVALID"
  | "AGENTPIN_CHALLENGE_INVALID"
  | "AGENTPIN_CREDENTIAL_MISSING"
  | "AGENTPIN_ISSUE_REFUSED"
  | "AGENTPIN_PIN_STORE_CORRUPT"
  | "AGENTPIN_PIN_STORE_UNAVAILABLE"
  | "AGENTPIN_PROOF_INVALID"
  | "AGENTPIN_RESPONSE_INVALID"
  | "AGENTPIN_ROTATION_REFUSED"
  | "AGENTPIN_TXT_RECORD_INVALID";

/** What else an {@link AgentPinError} may say. */
export interface AgentPinErrorOptions extends SymbiontErrorOptions {
  /** Finer, machine-readable reason: lower case, `_` between words, perhaps `:` and a member's name. */
  readonly reason?: string;
  /** Step of the verification, 1 to 12, that refused. */
  readonly step?: number;
}

/** Error of `@symbiont/agentpin`. */
export class AgentPinError extends SymbiontError<AgentPinErrorCode> {
  readonly reason?: string;
  readonly step?: number;

  constructor(code: AgentPinErrorCode, message: string, options: AgentPinErrorOptions = {}) {
    super(code, message, options);
    if (options.reason !== undefined) this.reason = options.reason;
    if (options.step !== undefined) this.step = options.step;
  }
}
