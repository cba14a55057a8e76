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
  if (tool === undefined) return deny("GATE_TOOL_NOT_VERIFIED", "the tool is not verified");
  const checked = checker.check(call.arguments, tool.definition.inputSchema);
  if (checked.valid !== true) {
    return Object.freeze({ denied: true, code: checked.code, reason: checked.reason, retryable: false });
  }
  return ledger.issue("verified", { call, principal, tool, arguments: frozenCopy(checked.arguments) });
}
