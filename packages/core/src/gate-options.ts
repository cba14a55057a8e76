import type {
  Approver,
  ArgumentChecker,
  AuditSink,
  Clock,
  DecisionPoint,
  IdentityVerifier,
  Principal,
  RateGate,
  Redactor,
  ToolVerifier,
} from "@symbiont/kit";

/** What a gate is made of. What secures a call has no default: leaving it out is a compile error. */
export interface GateOptions {
  /** Who calls: one fixed principal, or a verifier for the credential that each call carries. */
  readonly identity: Principal | { readonly verifier: IdentityVerifier; readonly audience: string };
  /** How often a principal may call, or the explicit decision not to limit it. */
  readonly rate: RateGate | "unlimited";
  /** Which tools are what their publisher signed. */
  readonly tools: ToolVerifier;
  /** Reads arguments and checks them against the tool's schema. */
  readonly arguments: ArgumentChecker;
  readonly policy: DecisionPoint;
  readonly audit: AuditSink;
  /** Asks people. Without it every decision `ask` is denied. */
  readonly approver?: Approver;
  /** Makes arguments safe to record. Without it only their digest is recorded. */
  readonly redactor?: Redactor;
  /** Longest time a stage may take before the call is denied. Default 5,000. */
  readonly stageTimeoutMs?: number;
  /** Longest time to wait for a person. Default 120,000. */
  readonly approvalTimeoutMs?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}
