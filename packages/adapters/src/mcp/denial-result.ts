import type { Denial, GateError } from "@symbiont/core";
import type { JsonRpcMessage, RequestId } from "./json-rpc.ts";

/** Answers a refused call as MCP does: a tool result with `isError`, which the model can read. */
export function denialResult(id: RequestId, denial: Denial): JsonRpcMessage {
  return toolError(id, denial);
}

/** Answers a call that ran but could not be recorded: its result is withheld, and the host is told so. */
export function unrecordedResult(id: RequestId, { code, message }: GateError): JsonRpcMessage {
  return toolError(id, { denied: true, code, reason: message, retryable: false, effectCompleted: true });
}

/** Answers a request that never got an answer from the server. */
export function failureResponse(id: RequestId, message: string): JsonRpcMessage {
  return { jsonrpc: "2.0", id, error: { code: -32603, message } };
}

function toolError(id: RequestId, body: object): JsonRpcMessage {
  const content = [{ type: "text", text: JSON.stringify(body) }];
  return { jsonrpc: "2.0", id, result: { content, isError: true, resultType: "complete" } };
}
