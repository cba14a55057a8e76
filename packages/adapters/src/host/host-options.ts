import type { CallContext } from "@symbiont/core";
import type { HostGate } from "./guarded-calls.ts";
import type { HostApprover } from "./host-approver.ts";

/** What the adapters for agent frameworks need to know. */
export interface HostOptions {
  /** Judges every call. */
  readonly gate: HostGate;
  /** Your id for this set of tools: what the policy and the record know it by. */
  readonly toolbox: string;
  /**
   * The conversation that the calls belong to. Ids of calls are made by model providers, so that two conversations may
   * have the same: needed where `approvals` is given, and then part of the call's id on record.
   */
  readonly session?: string;
  /** The gate's `approver`, when the host's own human gate gives the approvals. */
  readonly approvals?: HostApprover;
  /** Credential that each call carries, when the gate authenticates calls. */
  readonly credential?: string;
  /** Facts about the moment for the policy, asked for at each call. */
  readonly context?: () => CallContext;
}

/** @throws TypeError for options that leave a security choice open. */
export function checkedOptions<T extends HostOptions>(options: T): T {
  if (typeof options.toolbox !== "string" || options.toolbox === "")
    throw new TypeError("toolbox must be a name of one character or more");
  if (options.approvals !== undefined && (options.session ?? "") === "")
    throw new TypeError(
      "session must be given with approvals: ids of calls are unique in one conversation only",
    );
  return options;
}
