import type { Gate } from "@symbiont/core";

/** Most pages of one tool list, when nobody says. */
export const DEFAULT_MAX_PAGES = 64;
/** Most tools of one server, when nobody says. */
export const DEFAULT_MAX_TOOLS = 1_000;

/** What `guardTransport` needs to know. */
export interface GuardTransportOptions {
  /** Judges every tool list and every call. */
  readonly gate: Pick<Gate, "run" | "verifyTools">;
  /** Your id for this server. Never the name the server gives itself. */
  readonly server: string;
  /**
   * Credential that each call carries, when the gate authenticates calls. A function is asked when the host makes the
   * call, so that one client can carry the calls of many, each as itself.
   */
  readonly credential?: string | (() => string | undefined);
  /** Facts about the moment for the policy, asked for at each call. */
  readonly context?: () => Readonly<Record<string, unknown>>;
  /** Most pages of one tool list. Default 64. */
  readonly maxPages?: number;
  /** Most tools of one server. Default 1,000. */
  readonly maxTools?: number;
  /** Longest time in which the server must answer, with all pages, when the guard lists tools itself. Default 10,000. */
  readonly listTimeoutMs?: number;
}
