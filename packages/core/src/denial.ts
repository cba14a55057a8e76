/** A refused call. Data, not an exception: each adapter maps it to its host's own shape. */
export interface Denial {
  readonly denied: true;
  /** Stable reason code; the same one stands in the audit record. */
  readonly code: string;
  /** One sentence that may be shown to the model. */
  readonly reason: string;
  /** Whether the same call may be allowed later. */
  readonly retryable: boolean;
  /** Milliseconds to wait before trying again, when waiting helps. */
  readonly retryAfterMs?: number;
}

/** Codes of the denials that the gate itself decides; all others come from the ports. */
export type GateDenialCode =
  | "GATE_IDENTITY_REFUSED"
  | "GATE_RATE_LIMITED"
  | "GATE_TOOL_NOT_VERIFIED"
  | "GATE_APPROVAL_UNAVAILABLE"
  | "GATE_APPROVAL_REFUSED"
  | "GATE_APPROVAL_INVALID"
  | "GATE_APPROVAL_TIMED_OUT"
  | "GATE_AUDIT_UNAVAILABLE"
  | "GATE_STAGE_FAILED"
  | "GATE_STAGE_TIMED_OUT"
  | "GATE_CANCELLED"
  | "GATE_CLOSED";

/** Builds a denial with one of the gate's own codes. */
export function deny(
  code: GateDenialCode,
  reason: string,
  retry: { readonly retryAfterMs?: number } = {},
): Denial {
  const retryable =
    code === "GATE_RATE_LIMITED" || code === "GATE_AUDIT_UNAVAILABLE" || code === "GATE_STAGE_TIMED_OUT";
  return Object.freeze({ denied: true, code, reason, retryable, ...retry });
}

/** Tells a denial from the result of a stage. */
export function isDenied(result: object): result is Denial {
  return "denied" in result && result.denied === true;
}
