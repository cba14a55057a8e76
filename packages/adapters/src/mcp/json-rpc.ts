/** Identifies a request; numbers and strings are different ids. */
export type RequestId = string | number;

/** A JSON-RPC 2.0 message as transports carry it. Nothing about a received one is trusted. */
export interface JsonRpcMessage {
  readonly jsonrpc: "2.0";
  readonly id?: RequestId | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** Tells a response from a request or notification; its id may still be unusable. */
export function isResponse(message: JsonRpcMessage): boolean {
  return message.method === undefined && ("result" in message || "error" in message);
}

/** Tells a message that tries to be two kinds at once, so that two readers could disagree. */
export function isAmbiguous({ method, result, error }: JsonRpcMessage): boolean {
  return [method, result, error].filter((member) => member !== undefined).length > 1;
}

/** Tells a message with a usable request id. */
export function hasRequestId(
  message: JsonRpcMessage,
): message is JsonRpcMessage & { readonly id: RequestId } {
  return isRequestId(message.id);
}

/** Tells a usable request id. */
export function isRequestId(id: unknown): id is RequestId {
  return typeof id === "string" || (typeof id === "number" && Number.isFinite(id));
}

/** Tells an object with members from everything else. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
