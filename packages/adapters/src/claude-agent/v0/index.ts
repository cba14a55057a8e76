export { HostApprover, type HostApproverOptions } from "../../host/host-approver.ts";
export type { Refusal } from "../../host/refusal-content.ts";
export {
  type AskPerson,
  anyArguments,
  type GuardAgentOptions,
  type GuardedAgentOptions,
  guardAgent,
  type HookMatcher,
  type PermissionAnswer,
} from "./guard-agent.ts";
