import type { Enforcement } from "../tier.ts";
import type { EngineClient } from "./engine-client.ts";

/** What one runtime of the engine makes of a container. */
export interface EngineRuntime {
  readonly name: "docker" | "gvisor";
  /** By the engine's name for it. */
  readonly runtime: string;
  /** Likewise, for containers with a way to their proxy. */
  readonly networkRuntime: string;
  /** What is in the way of such containers. @throws SandboxError as `EngineClient.call`. */
  readonly networkProblem?: (engine: EngineClient) => Promise<string | undefined>;
  /** What to do where everything works and more could. */
  readonly hints: readonly string[];
  readonly sharesKernel: boolean;
  readonly overhead: { readonly processes: number; readonly memoryBytes: number };
  readonly notEnforced: Partial<Enforcement>;
}
