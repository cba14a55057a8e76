export { createTerminalApprover, type TerminalApproverOptions } from "./terminal-approver.ts";
