export { type Denial, type GateDenialCode, isDenied } from "./denial.ts";
export type { Effect } from "./execute.ts";
export { Gate, type GateResult } from "./gate.ts";
export { GateError, type GateErrorCode } from "./gate-error.ts";
export type { GateOptions } from "./gate-options.ts";
export type {
  Admitted,
  Authorized,
  CallContext,
  Identified,
  Proposed,
  Settled,
  ToolCall,
  ToolCallRequest,
  Verified,
} from "./stage.ts";
