import type { Enforcement } from "../tier.ts";

/** What one runtime of the engine makes of a container. */
export interface EngineRuntime {
  readonly name: "docker" | "gvisor";
  /** By the engine's name for it. */
  readonly runtime: string;
  readonly sharesKernel: boolean;
  readonly overhead: { readonly processes: number; readonly memoryBytes: number };
  readonly notEnforced: Partial<Enforcement>;
}
