import type { Gate } from "@symbiont/core";
import { McpGuard } from "./mcp-guard.ts";
import type { McpTransport } from "./transport.ts";

/** What {@link guardTransport} needs to know. */
export interface GuardTransportOptions {
  /** Judges every tool list and every call. */
  readonly gate: Pick<Gate, "run" | "verifyTools">;
  /** Your id for this server. Never the name the server gives itself. */
  readonly server: string;
  /** Credential that each call carries, when the gate authenticates calls. */
  readonly credential?: string;
  /** Facts about the moment for the policy, asked for at each call. */
  readonly context?: () => Readonly<Record<string, unknown>>;
  /** Most pages of one tool list. Default 64. */
  readonly maxPages?: number;
  /** Most tools of one server. Default 1,000. */
  readonly maxTools?: number;
  /** Longest wait for the server's answer when the guard lists tools itself. Default 10,000. */
  readonly listTimeoutMs?: number;
}

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
