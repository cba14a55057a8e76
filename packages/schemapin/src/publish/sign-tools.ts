import { excerpt, type ToolDefinition } from "@symbiont/kit";
import { SchemaPinError } from "../schemapin-error.ts";
import { attachEnvelope, type SignToolOptions, signTool } from "../tool-envelope.ts";

/**
 * Signs a server's whole list of tools, and puts each signature into its tool's `_meta`. All of them, or none.
 *
 * @throws SchemaPinError as `signTool`, naming the tool; `SCHEMAPIN_DUPLICATE_TOOL` when two have one name.
 */
export function signTools(
  tools: readonly ToolDefinition[],
  options: SignToolOptions,
): readonly ToolDefinition[] {
  const names = new Set<string>();
  return tools.map((tool) => {
    if (names.has(tool.name)) throw failure("SCHEMAPIN_DUPLICATE_TOOL", tool, "two tools have this name");
    names.add(tool.name);
    try {
      return attachEnvelope(tool, signTool(tool, options));
    } catch (cause) {
      if (SchemaPinError.is(cause)) throw failure(cause.code, tool, cause.message, cause);
      throw cause;
    }
  });
}

function failure(
  code: SchemaPinError["code"],
  { name }: ToolDefinition,
  why: string,
  cause?: unknown,
): SchemaPinError {
  return new SchemaPinError(code, `tool ${excerpt(name)}: ${why}`, cause === undefined ? {} : { cause });
}
