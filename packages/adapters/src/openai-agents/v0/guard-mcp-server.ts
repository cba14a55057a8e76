import { isDenied } from "@symbiont/core";
import type { AdmittedTool, ToolDefinition } from "@symbiont/kit";
import { unknownHost } from "../../adapter-error.ts";
import { callRequest } from "../../host/call-request.ts";
import { GuardedCalls } from "../../host/guarded-calls.ts";
import { checkedOptions, type HostOptions } from "../../host/host-options.ts";
import { type Refusal, refusalOf, unrecorded } from "../../host/refusal-content.ts";

/** The part of an `MCPServer` that is guarded. Structural, so no host package is imported. */
export interface OpenAiMcpServer {
  listTools(): Promise<object[]>;
  callTool(toolName: string, args: Record<string, unknown> | null, ...more: never[]): Promise<object>;
}

/** How a Model Context Protocol server of the SDK is guarded. `toolbox` is your id for it, never its own name. */
export type GuardMcpServerOptions = Omit<HostOptions, "approvals">;

type CallTool = (name: string, args: Record<string, unknown> | null, ...more: unknown[]) => Promise<unknown>;

/** How a refusal looks, by the method that was called. */
const refusals: Readonly<Record<string, (refusal: Refusal) => unknown>> = {
  callTool: (refusal) => textOf(refusal),
  callToolResult: (refusal) => ({ content: textOf(refusal), isError: true }),
};

/**
 * Puts the gate around an MCP server of the OpenAI Agents SDK, whose transports are its own: the agent gets verified
 * tools only, as frozen copies, and a refused call does not reach the server.
 *
 * @returns the server to be used in its place.
 * @throws AdapterError `ADAPTER_HOST_UNKNOWN`.
 */
export function guardMcpServer<T extends OpenAiMcpServer>(server: T, options: GuardMcpServerOptions): T {
  const checked = checkedOptions(options);
  if (typeof server.listTools !== "function" || typeof server.callTool !== "function")
    throw unknownHost("a server without listTools or callTool");
  const calls = new GuardedCalls(checked.gate, undefined);

  const listTools = async (): Promise<readonly object[]> => {
    const tools = (await server.listTools()).filter(isDefinition);
    return (await checked.gate.verifyTools(tools, checked.toolbox)).map(definitionIn);
  };
  const guarded = (method: "callTool" | "callToolResult", call: CallTool): CallTool => {
    return async (tool, args, ...more) => {
      const request = callRequest(checked, { id: crypto.randomUUID(), tool, arguments: args ?? {} });
      const refused = refusals[method] as (refusal: Refusal) => unknown;
      try {
        const result = await calls.run(request, async (judged) =>
          call(judged.tool, judged.arguments, ...more),
        );
        return isDenied(result) ? refused(refusalOf(result)) : result.value;
      } catch (error) {
        return refused(unrecorded(error));
      }
    };
  };

  // The SDK's servers have private fields, which a copy would not.
  return new Proxy(server, {
    get(target, property) {
      if (property === "listTools") return listTools;
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      const bound = value.bind(target) as CallTool;
      return property === "callTool" || property === "callToolResult" ? guarded(property, bound) : bound;
    },
  });
}

function isDefinition(tool: object): tool is ToolDefinition {
  return typeof (tool as { readonly name?: unknown }).name === "string";
}

function definitionIn({ definition }: AdmittedTool): object {
  return definition;
}

function textOf(refusal: Refusal): readonly object[] {
  return [{ type: "text", text: JSON.stringify(refusal) }];
}
