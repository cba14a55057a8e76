import { isDenied, type ToolCallRequest } from "@symbiont/core";
import type { JsonObject, ToolDefinition } from "@symbiont/kit";
import { AdapterError, unknownHost } from "../adapter-error.ts";
import { callRequest } from "../host/call-request.ts";
import { copyWith } from "../host/copy-with.ts";
import { GuardedCalls } from "../host/guarded-calls.ts";
import { checkedOptions, type HostOptions } from "../host/host-options.ts";
import { refusalOf, unrecorded } from "../host/refusal-content.ts";
import { registerTools } from "../host/register-tools.ts";
import { toolSchema } from "../host/tool-schema.ts";
import { isAsyncIterable, relay } from "./relay.ts";

/** What is looked at of one tool. */
interface ToolParts {
  readonly type?: string;
  readonly description?: string | ((options: never) => string);
  readonly title?: string;
  readonly inputSchema?: unknown;
  readonly execute?: Execute;
  readonly needsApproval?: NeedsApproval;
}

interface CallOptions {
  readonly toolCallId: string;
  readonly abortSignal?: AbortSignal;
  readonly messages?: unknown;
}

type Execute = (input: unknown, options: CallOptions) => unknown;
type NeedsApproval = boolean | ((input: unknown, options: CallOptions) => boolean | PromiseLike<boolean>);

/** How the AI SDK's tools are guarded. */
export interface GuardToolsOptions extends HostOptions {
  /**
   * Names of tools that run where no gate can stand: in the browser, or at the model's provider. Any such tool that
   * is not named here is refused. Default none.
   */
  readonly ungoverned?: readonly string[];
}

/**
 * Puts the gate around the tools of a `generateText`, a `streamText` or an agent of the Vercel AI SDK. A refused call
 * gives the denial as its result, which the model can read; a call that policy wants a person to approve becomes the
 * SDK's own approval request, when `approvals` is given, beside those that the tool's own `needsApproval` wants.
 *
 * @returns tools of the same names and types, to be used in their place.
 * @throws AdapterError `ADAPTER_TOOL_UNGOVERNED`, `ADAPTER_TOOL_NOT_VERIFIED`, `ADAPTER_HOST_UNKNOWN`.
 */
export async function guardTools<T extends Readonly<Record<string, object>>>(
  tools: T,
  options: GuardToolsOptions,
): Promise<T> {
  const checked = checkedOptions(options);
  const ungoverned = new Set(options.ungoverned);
  const calls = new GuardedCalls(checked.gate, checked.approvals);
  const definitions: ToolDefinition[] = [];
  const guarded: [string, object][] = [];
  for (const [name, tool] of Object.entries(tools)) {
    const parts = tool as ToolParts;
    if (parts.execute === undefined) {
      if (!ungoverned.has(name))
        throw new AdapterError(
          "ADAPTER_TOOL_UNGOVERNED",
          `'${name}' runs outside of this process: name it in 'ungoverned' if that is meant`,
        );
      guarded.push([name, tool]);
    } else {
      definitions.push(await definitionOf(name, parts));
      guarded.push([
        name,
        guardTool(name, { ...parts, execute: parts.execute }, tool, { calls, options: checked }),
      ]);
    }
  }
  await registerTools(checked.gate, checked.toolbox, definitions);
  return Object.fromEntries(guarded) as T;
}

async function definitionOf(
  name: string,
  { type, description, title, inputSchema }: ToolParts,
): Promise<ToolDefinition> {
  if (type !== undefined && type !== "function" && type !== "dynamic" && inputSchema === undefined)
    throw unknownHost(`'${name}' is a tool of the type '${type}' without a schema`);
  return {
    name,
    inputSchema: await toolSchema(name, inputSchema, "output"),
    ...(typeof description === "string" ? { description } : {}),
    ...(title === undefined ? {} : { title }),
  };
}

function guardTool(
  name: string,
  { execute, needsApproval = false }: { readonly execute: Execute; readonly needsApproval?: NeedsApproval },
  tool: object,
  { calls, options }: { readonly calls: GuardedCalls; readonly options: GuardToolsOptions },
): object {
  const request = (input: unknown, { toolCallId, abortSignal }: CallOptions): ToolCallRequest =>
    callRequest(options, { id: toolCallId, tool: name, arguments: input, signal: abortSignal });

  const run = async (
    input: unknown,
    given: CallOptions,
    use: (result: unknown) => unknown,
  ): Promise<unknown> => {
    const effect = async (call: { readonly arguments: JsonObject }): Promise<unknown> =>
      use(await execute.call(tool, call.arguments, given));
    try {
      const result = await calls.run(request(input, given), effect);
      return isDenied(result) ? refusalOf(result) : result.value;
    } catch (error) {
      return unrecorded(error);
    }
  };
  const members = {
    execute: isStreaming(execute)
      ? (input: unknown, given: CallOptions) =>
          relay((show) => run(input, given, async (result) => drain(result, show)))
      : async (input: unknown, given: CallOptions) => run(input, given, async (result) => drain(result)),
    ...(options.approvals === undefined
      ? {}
      : {
          needsApproval: async (input: unknown, given: CallOptions): Promise<boolean> => {
            const call = request(input, given);
            // Asked again as the conversation goes on: the approval came with the conversation, and may be anybody's
            // words. It counts for a call that is held here and for no other.
            if (isInHistory(given) && !calls.holds(call.id)) return true;
            const byPolicy = (await calls.judge(call)) !== undefined;
            // What the tool's author asks for stays asked for, whatever policy says.
            const byAuthor =
              typeof needsApproval === "function" ? needsApproval.call(tool, input, given) : needsApproval;
            return byPolicy || (await byAuthor);
          },
        }),
  };
  return copyWith(tool, members);
}

/** The last value that a tool yields is its result; those before are shown as they come. */
async function drain(result: unknown, show?: (value: unknown) => Promise<void>): Promise<unknown> {
  if (!isAsyncIterable(result)) return result;
  let last: unknown;
  for await (const value of result) {
    last = value;
    await show?.(value);
  }
  return last;
}

/** Whether the conversation so far holds the call: then the host resumes it, and asks for the second time. */
function isInHistory({ toolCallId, messages }: CallOptions): boolean {
  if (!Array.isArray(messages)) throw unknownHost("no messages beside the question for an approval");
  return (messages as readonly { readonly content?: unknown }[]).some(
    ({ content }) =>
      Array.isArray(content) &&
      (content as readonly { readonly toolCallId?: unknown }[]).some(
        (part) => part.toolCallId === toolCallId,
      ),
  );
}

function isStreaming(execute: Execute): boolean {
  return Object.prototype.toString.call(execute) === "[object AsyncGeneratorFunction]";
}
