import type { ToolDefinition } from "@symbiont/kit";
import { AdapterError } from "../adapter-error.ts";
import type { HostGate } from "./guarded-calls.ts";

/**
 * Shows the gate the tools that a program defines itself. What the gate does not let in is the program's own mistake,
 * a tool that was never pinned or has changed since, so that it is said at once.
 * @throws AdapterError `ADAPTER_TOOL_NOT_VERIFIED` with the names; the findings are on record.
 */
export async function registerTools(
  gate: Pick<HostGate, "verifyTools">,
  toolbox: string,
  definitions: readonly ToolDefinition[],
): Promise<void> {
  const admitted = new Set(
    (await gate.verifyTools(definitions, toolbox)).map(({ definition }) => definition.name),
  );
  const refused = definitions.map(({ name }) => name).filter((name) => !admitted.has(name));
  if (refused.length > 0)
    throw new AdapterError("ADAPTER_TOOL_NOT_VERIFIED", `the gate did not let in: ${refused.join(", ")}`);
}
