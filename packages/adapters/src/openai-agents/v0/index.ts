export { HostApprover, type HostApproverOptions } from "../../host/host-approver.ts";
export type { Refusal } from "../../host/refusal-content.ts";
export { type GuardMcpServerOptions, guardMcpServer, type OpenAiMcpServer } from "./guard-mcp-server.ts";
export { type GuardToolsOptions, guardTools } from "./guard-tools.ts";
