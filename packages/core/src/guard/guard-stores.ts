import type { PinStore as AgentPinStore } from "@symbiont/agentpin";
import type { ApiKeyStore } from "@symbiont/api-keys";
import type { ApprovalStore } from "@symbiont/policy/approvals";
import type { RateStore } from "@symbiont/ratelimit";
import type { PinStore as ToolPinStore, TrustLedger } from "@symbiont/schemapin";

/**
 * Stores that several processes share, made by the host with its own clients, in place of the files that the configuration
 * would name. The guard closes none of them.
 */
export interface GuardStores {
  /** Counts `rate.limits` for all processes, for example `redisStore` of `@symbiont/ratelimit/redis`. */
  readonly rate?: RateStore;
  /** In place of `identity.apiKeys.file`. */
  readonly apiKeys?: ApiKeyStore;
  /** In place of `identity.agentPin.pins`. */
  readonly agentPins?: AgentPinStore;
  /** In place of `tools.pins`. */
  readonly toolPins?: ToolPinStore;
  /** In place of `tools.ledger`. */
  readonly trustLedger?: TrustLedger;
  /** In place of `approvals.store`. */
  readonly approvals?: ApprovalStore;
}
