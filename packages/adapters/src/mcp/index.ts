export { type GuardTransportOptions, guardTransport } from "./guard-transport.ts";
export type { McpTransport } from "./transport.ts";
