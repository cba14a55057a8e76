import { isDenied } from "@symbiont/core";
import type { ApprovalRequest, ToolDefinition } from "@symbiont/kit";
import { AdapterError, unknownHost } from "../../adapter-error.ts";
import { callRequest } from "../../host/call-request.ts";
import { GuardedCalls } from "../../host/guarded-calls.ts";
import { checkedOptions, type HostOptions } from "../../host/host-options.ts";
import { type Refusal, refusalOf, unrecorded } from "../../host/refusal-content.ts";
import { registerTools } from "../../host/register-tools.ts";
import { isApproved } from "../../host/resumed-answer.ts";
import { toolSchema } from "../../host/tool-schema.ts";

/** What is looked at of a request for a tool call. Structural, so no host package is imported. */
export interface LangChainToolCallRequest {
  readonly toolCall: { readonly id?: string; readonly name: string; readonly args: object };
  readonly tool: object | undefined;
  readonly runtime: { readonly interrupt?: (value: unknown) => unknown; readonly signal?: AbortSignal };
}

/** `ToolMessage` of `langchain`. */
export type ToolMessageClass<Message> = new (fields: {
  content: string;
  tool_call_id: string;
  name: string;
  status: "error";
}) => Message;

/** How the tool calls of a LangChain agent are guarded. */
export interface GuardToolCallsOptions<Message> extends HostOptions {
  /** The tools of the agent, as `createAgent` gets them: no other runs, whatever a middleware puts in its place. */
  readonly tools: readonly object[];
  /** `ToolMessage`, from `langchain`. */
  readonly ToolMessage: ToolMessageClass<Message>;
}

/** What `createMiddleware` takes. */
export interface GuardMiddleware<Message> {
  readonly name: string;
  wrapToolCall<Request extends LangChainToolCallRequest, Result>(
    request: Request,
    handler: (request: Request) => Result | Promise<Result>,
  ): Promise<Result | Message>;
}

interface ToolParts {
  readonly name?: unknown;
  readonly description?: string;
  readonly schema?: unknown;
}

/**
 * Puts the gate around the tool calls of a LangChain agent: `createMiddleware(await guardToolCalls(…))`. Give it last
 * in the list of middleware, so that nothing changes a call after it was judged.
 *
 * A refused call gives a tool message with status `error` and the denial as its content. A call that policy wants a
 * person to approve interrupts the graph, when `approvals` is given: the value of the interrupt is `{ approval:
 * ApprovalRequest }`, and the graph is resumed with `{ approved, actionHash }`, the hash being that of the request.
 *
 * @throws AdapterError `ADAPTER_TOOL_NOT_VERIFIED`, `ADAPTER_TOOL_UNGOVERNED` (a provider's tool), `ADAPTER_HOST_UNKNOWN`.
 */
export async function guardToolCalls<Message>(
  options: GuardToolCallsOptions<Message>,
): Promise<GuardMiddleware<Message>> {
  const checked = checkedOptions(options);
  const { ToolMessage } = options;
  if (typeof ToolMessage !== "function") throw unknownHost("ToolMessage is no class");
  const tools = new Map<string, object>();
  const definitions: ToolDefinition[] = [];
  for (const tool of options.tools) {
    const definition = await definitionOf(tool);
    tools.set(definition.name, tool);
    definitions.push(definition);
  }
  await registerTools(checked.gate, checked.toolbox, definitions);
  const calls = new GuardedCalls(checked.gate, checked.approvals);

  return {
    name: "SymbiontGate",
    async wrapToolCall(request, handler) {
      const { toolCall, tool, runtime } = request;
      const { id, name, args } = toolCall;
      if (id === undefined) throw unknownHost("a tool call without an id");
      const call = callRequest(checked, {
        id,
        // What another middleware has put in the place of a tool is not what was verified.
        tool: tool === tools.get(name) ? name : `${name} (replaced)`,
        arguments: args,
        signal: runtime.signal,
      });
      const refused = (refusal: Refusal): Message =>
        new ToolMessage({ content: JSON.stringify(refusal), tool_call_id: id, name, status: "error" });
      const interruption: { error?: unknown } = {};
      try {
        const result = await calls.run(
          call,
          async ({ arguments: judged }) => handler({ ...request, toolCall: { ...toolCall, args: judged } }),
          (asked) => resumed(runtime, asked, interruption),
        );
        return isDenied(result) ? refused(refusalOf(result)) : result.value;
      } catch (error) {
        if ("error" in interruption) throw error;
        return refused(unrecorded(error));
      }
    },
  };
}

/** Interrupts the graph the first time, by what the host throws; gives the answer when the graph is resumed. */
function resumed(
  { interrupt }: LangChainToolCallRequest["runtime"],
  approval: ApprovalRequest,
  interruption: { error?: unknown },
): boolean {
  if (typeof interrupt !== "function") throw unknownHost("no interrupt in the runtime of a tool call");
  let answer: unknown;
  try {
    answer = interrupt({ approval });
  } catch (error) {
    interruption.error = error;
    throw error;
  }
  return isApproved(approval, answer);
}

async function definitionOf(tool: object): Promise<ToolDefinition> {
  const { name, description, schema } = tool as ToolParts;
  if (!("invoke" in tool) && !("func" in tool))
    throw new AdapterError(
      "ADAPTER_TOOL_UNGOVERNED",
      "a tool that the model's provider runs: no gate can stand before it",
    );
  if (typeof name !== "string") throw unknownHost("a tool without a name");
  return {
    name,
    inputSchema: await toolSchema(name, schema, "input"),
    ...(description === undefined ? {} : { description }),
  };
}
