import type { GuardTransportOptions } from "./guard-options.ts";
import { McpGuard } from "./mcp-guard.ts";
import type { McpTransport } from "./transport.ts";

/**
 * Puts a gate around an MCP transport. Hand the result to any MCP client in place of the transport.
 *
 * The client sees only verified tools; a call reaches the server only when the gate allows it, and with the very
 * arguments that the gate judged; a denied call is answered with an `isError` result. Everything else, in both
 * directions, passes unchanged.
 *
 * The transport must be fresh: not started, and given to nobody else.
 */
export function guardTransport<T extends McpTransport>(transport: T, options: GuardTransportOptions): T {
  const guard = new McpGuard(transport, options);
  // A proxy, because hosts set and read members that no common interface names (session ids, protocol versions).
  return new Proxy(transport, {
    get(target, property): unknown {
      if (property === "send" || property === "close") return guard[property];
      if (property === "onmessage" || property === "onclose") return guard.host[property];
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" && property !== "onerror" ? value.bind(target) : value;
    },
    set(target, property, value: never): boolean {
      if (property !== "onmessage" && property !== "onclose")
        return Reflect.set(target, property, value, target);
      guard.host[property] = value;
      return true;
    },
  });
}
