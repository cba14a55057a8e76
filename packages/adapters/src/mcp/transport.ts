import type { JsonRpcMessage } from "./json-rpc.ts";

/**
 * What every MCP transport has in common: that of `@modelcontextprotocol/sdk` (v1), of
 * `@modelcontextprotocol/client` (v2) and of `@ai-sdk/mcp`. Structural, so no host package is imported.
 */
export interface McpTransport {
  start(): Promise<void>;
  send(message: object, options?: object): Promise<void>;
  close(): Promise<void>;
}

/** The same transport from inside: with the callbacks that hosts assign. */
export interface InnerTransport {
  start(): Promise<void>;
  send(message: JsonRpcMessage, options?: SendOptions): Promise<void>;
  close(): Promise<void>;
  onmessage?: ((message: JsonRpcMessage, extra?: unknown) => void) | undefined;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
}

/** The one send option the guard looks at; all are passed on. */
export interface SendOptions {
  /** Aborted when the host gives a request up on a transport with a stream per request. */
  readonly requestSignal?: AbortSignal;
}
