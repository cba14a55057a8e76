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
import type { GuardConfig, StageMember } from "./guard-config.ts";
import type { GuardStores } from "./guard-stores.ts";

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
  /** Default none: files, and memory where the configuration names none. */
  readonly stores?: GuardStores;
  /** What paths are relative to. Default the working directory. */
  readonly directory?: string;
  /** One token of 32 characters or more for a single caller, besides the key file of `identity.apiKeys`. Default none. */
  readonly apiToken?: string;
  /** Default: the environment of the process. */
  readonly env?: Environment;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** The members of a configuration whose stage is sure to be among these options. */
type Brought<Options extends GuardOptions> = {
  [Member in StageMember]: Options extends {
    readonly stages: { readonly [Name in Member]: NonNullable<GuardStages[Name]> };
  }
    ? Member
    : never;
}[StageMember];

/**
 * The configuration that goes with these options: of `identity`, `tools`, `policy` and `audit` it need not have what the
 * program brings itself as a stage.
 */
export type ConfigFor<Options extends GuardOptions> = Omit<GuardConfig, Brought<Options>> &
  Partial<Pick<GuardConfig, Brought<Options>>>;
