import { isDenied } from "@symbiont/core";
import type { ToolDefinition } from "@symbiont/kit";
import { AdapterError, unknownHost } from "../../adapter-error.ts";
import { callRequest } from "../../host/call-request.ts";
import { copyWith } from "../../host/copy-with.ts";
import { GuardedCalls } from "../../host/guarded-calls.ts";
import { checkedOptions, type HostOptions } from "../../host/host-options.ts";
import { refusalOf, unrecorded } from "../../host/refusal-content.ts";
import { registerTools } from "../../host/register-tools.ts";
import { toolSchema } from "../../host/tool-schema.ts";

/** How the tools of an agent of the OpenAI Agents SDK are guarded. */
export interface GuardToolsOptions extends HostOptions {
  /** Names of hosted and built-in tools, which run where no gate can stand. Any that is not named is refused. */
  readonly ungoverned?: readonly string[];
}

interface RunContext {
  isToolApproved(approval: { readonly toolName: string; readonly callId: string }): boolean | undefined;
}

interface CallDetails {
  readonly toolCall?: { readonly callId: string };
  readonly signal?: AbortSignal;
}

interface FunctionTool {
  readonly type: "function";
  readonly name: string;
  readonly description?: string;
  readonly parameters: unknown;
  readonly needsApproval?: (runContext: RunContext, input: unknown, callId?: string) => Promise<boolean>;
  readonly invoke: (runContext: RunContext, input: string, details?: CallDetails) => Promise<unknown>;
}

/**
 * Puts the gate around the function tools of an agent of the OpenAI Agents SDK. The gate gets the model's own text, and
 * the tool the text of what was judged. A refused call gives the denial as JSON; a call that policy wants a person to
 * approve interrupts the run, when `approvals` is given, and counts as approved when the host's run state says so.
 *
 * @returns tools to be used in their place.
 * @throws AdapterError `ADAPTER_TOOL_UNGOVERNED`, `ADAPTER_TOOL_NOT_VERIFIED`, `ADAPTER_HOST_UNKNOWN`.
 */
export async function guardTools<T extends object>(
  tools: readonly T[],
  options: GuardToolsOptions,
): Promise<T[]> {
  const checked = checkedOptions(options);
  const ungoverned = new Set(options.ungoverned);
  const calls = new GuardedCalls(checked.gate, checked.approvals);
  const definitions: ToolDefinition[] = [];
  const guarded: T[] = [];
  for (const tool of tools) {
    if (isFunctionTool(tool)) {
      definitions.push(await definitionOf(tool));
      guarded.push(guardTool(tool, calls, checked));
    } else {
      const { name } = tool as { readonly name?: unknown };
      if (typeof name !== "string" || !ungoverned.has(name))
        throw new AdapterError(
          "ADAPTER_TOOL_UNGOVERNED",
          `'${String(name)}' is no function tool: name it in 'ungoverned' if that is meant`,
        );
      guarded.push(tool);
    }
  }
  await registerTools(checked.gate, checked.toolbox, definitions);
  return guarded;
}

async function definitionOf({ name, description, parameters }: FunctionTool): Promise<ToolDefinition> {
  return {
    name,
    inputSchema: await toolSchema(name, parameters, "input"),
    ...(description === undefined ? {} : { description }),
  };
}

function guardTool<T extends FunctionTool>(tool: T, calls: GuardedCalls, options: GuardToolsOptions): T {
  const { name } = tool;
  const answer = (context: RunContext, callId: string): boolean | undefined =>
    context.isToolApproved({ toolName: name, callId });

  const invoke = async (context: RunContext, input: string, details?: CallDetails): Promise<unknown> => {
    const callId = details?.toolCall?.callId;
    if (callId === undefined) throw unknownHost("a tool call without an id");
    const request = callRequest(options, {
      id: callId,
      tool: name,
      arguments: input,
      signal: details?.signal,
    });
    try {
      const result = await calls.run(
        request,
        async (call) => tool.invoke(context, JSON.stringify(call.arguments), details),
        () => answer(context, callId) === true,
      );
      return isDenied(result) ? JSON.stringify(refusalOf(result)) : result.value;
    } catch (error) {
      return JSON.stringify(unrecorded(error));
    }
  };

  const needsApproval = async (context: RunContext, input: unknown, callId?: string): Promise<boolean> => {
    if (callId === undefined) throw unknownHost("a question for an approval without the id of the call");
    // What the tool's author asks for stays asked for, whatever policy says.
    if ((await tool.needsApproval?.(context, input, callId)) === true) return true;
    // Answered already: the host looks at the answer itself, and the gate will when the call runs.
    if (answer(context, callId) !== undefined) return true;
    const request = callRequest(options, { id: callId, tool: name, arguments: input });
    const question = await calls.judge(request);
    // The host keeps its interrupted run, for days perhaps: the call is judged again when the run goes on.
    if (question !== undefined) await calls.drop(request.id);
    return question !== undefined;
  };
  return copyWith(tool, { invoke, ...(options.approvals === undefined ? {} : { needsApproval }) });
}

function isFunctionTool(tool: object): tool is FunctionTool {
  const { type, name, invoke } = tool as {
    readonly type?: unknown;
    readonly name?: unknown;
    readonly invoke?: unknown;
  };
  return type === "function" && typeof name === "string" && typeof invoke === "function";
}
