export { HostApprover, type HostApproverOptions } from "../../host/host-approver.ts";
export type { Refusal } from "../../host/refusal-content.ts";
export { type GuardToolsOptions, guardTools } from "../guard-tools.ts";
