import { type ArgumentChecker, frozenCopy, type ToolVerifier } from "@symbiont/kit";
import { type Denial, deny } from "./denial.ts";
import type { Admitted, StageLedger, Verified } from "./stage.ts";

/** Stage three: is the tool what its publisher signed, and do the arguments fit it? */
export async function verify(
  ledger: StageLedger,
  tools: ToolVerifier,
  checker: ArgumentChecker,
  { call, principal }: Admitted,
): Promise<Verified | Denial> {
  const tool = await tools.check(call.tool, call.server);
  // What stands under another name is another tool: it must not be judged in place of the one that runs.
  if (tool === undefined || tool.definition.name !== call.tool || tool.server !== call.server)
    return deny("GATE_TOOL_NOT_VERIFIED", "the tool is not verified");
  const checked = checker.check(call.arguments, tool.definition.inputSchema);
  if (checked.valid !== true) {
    const { code, reason } = checked;
    if (typeof code !== "string" || typeof reason !== "string")
      throw new TypeError("the check gave no answer");
    return Object.freeze({ denied: true, code, reason, retryable: false });
  }
  if (typeof checked.arguments !== "object" || checked.arguments === null || Array.isArray(checked.arguments))
    throw new TypeError("the check gave no arguments");
  return ledger.issue("verified", { call, principal, tool, arguments: frozenCopy(checked.arguments) });
}
