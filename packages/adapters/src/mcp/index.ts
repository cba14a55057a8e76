export { guardClient, type McpClient } from "./guard-client.ts";
export type { GuardTransportOptions } from "./guard-options.ts";
export { guardTransport } from "./guard-transport.ts";
export type { McpTransport } from "./transport.ts";
