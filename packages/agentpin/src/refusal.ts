import { AgentPinError } from "./agentpin-error.ts";
import { isProtocolCode, type ProtocolCode } from "./protocol-code.ts";

/** A credential, or a document it needs, was refused. */
export interface Refusal {
  readonly valid: false;
  readonly code: `AGENTPIN_${ProtocolCode}`;
  /** The same in the protocol's own spelling. */
  readonly protocolCode: ProtocolCode;
  /** Finer, machine-readable reason. */
  readonly reason: string;
  /** Step of the protocol's verification, 1 to 12. */
  readonly step: number;
  /** Whether the same credential may be accepted later. */
  readonly retryable: boolean;
}

/** A class, so that no object read from a token can pass for a refusal. */
class Refused implements Refusal {
  readonly valid = false;
  readonly code: `AGENTPIN_${ProtocolCode}`;
  readonly protocolCode: ProtocolCode;
  readonly reason: string;
  readonly step: number;
  readonly retryable: boolean;

  constructor(step: number, protocolCode: ProtocolCode, reason: string, retryable: boolean) {
    this.code = `AGENTPIN_${protocolCode}`;
    this.protocolCode = protocolCode;
    this.reason = reason;
    this.step = step;
    this.retryable = retryable;
    Object.freeze(this);
  }
}

/** Words a refusal. */
export function refuse(step: number, protocolCode: ProtocolCode, reason: string, retryable = false): Refusal {
  return new Refused(step, protocolCode, reason, retryable);
}

/** Tells a refusal from what was to be found out. */
export function isRefusal(value: unknown): value is Refusal {
  return value instanceof Refused;
}

/** The error for a refusal, for callers that want one thrown. */
export function refusalError({ code, reason, step, retryable }: Refusal): AgentPinError {
  return new AgentPinError(code, `credential refused at step ${step}: ${reason}`, {
    reason,
    step,
    retryable,
  });
}

/**
 * The refusal for an error that was thrown on the way; one that says nothing of itself is a failed look-up.
 * @param step of the work that threw, when the error names none.
 */
export function refusalOf(error: unknown, step: number): Refusal {
  if (AgentPinError.is(error)) {
    const protocolCode = error.code.slice("AGENTPIN_".length);
    if (isProtocolCode(protocolCode))
      return refuse(error.step ?? step, protocolCode, error.reason ?? "invalid", error.retryable);
  }
  return refuse(step, "DISCOVERY_FETCH_FAILED", "internal_error", true);
}
