import type {
  Approver,
  ArgumentChecker,
  AuditSink,
  Clock,
  DecisionPoint,
  Environment,
  RateGate,
  Redactor,
  ToolVerifier,
} from "@symbiont/kit";
import type { GateOptions } from "../gate-options.ts";

/** Stages that the host brings itself: any implementation of the port. What is replaced is not opened. */
export interface GuardStages {
  readonly identity?: GateOptions["identity"];
  readonly rate?: RateGate;
  readonly tools?: ToolVerifier;
  readonly arguments?: ArgumentChecker;
  readonly policy?: DecisionPoint;
  readonly approver?: Approver;
  readonly redactor?: Redactor;
  readonly audit?: AuditSink;
}

/** What a guard is given besides its configuration. */
export interface GuardOptions {
  /** Default none: every stage is made from the configuration. */
  readonly stages?: GuardStages;
  /** What paths are relative to. Default the working directory. */
  readonly directory?: string;
  /** One token of 32 characters or more for a single caller, besides the key file of `identity.apiKeys`. Default none. */
  readonly apiToken?: string;
  /** Default: the environment of the process. */
  readonly env?: Environment;
  /** Default `Date`. */
  readonly clock?: Clock;
}
