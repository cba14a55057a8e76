export { HostApprover, type HostApproverOptions } from "../../host/host-approver.ts";
export type { Refusal } from "../../host/refusal-content.ts";
export type { ResumedApproval } from "../../host/resumed-answer.ts";
export {
  type GuardMiddleware,
  type GuardToolCallsOptions,
  guardToolCalls,
  type LangChainToolCallRequest,
  type ToolMessageClass,
} from "./guard-tool-calls.ts";
