import { isDenied } from "@symbiont/core";
import type { ToolDefinition } from "@symbiont/kit";
import { AdapterError, unknownHost } from "../../adapter-error.ts";
import { callRequest } from "../../host/call-request.ts";
import { copyWith } from "../../host/copy-with.ts";
import { GuardedCalls } from "../../host/guarded-calls.ts";
import { checkedOptions, type HostOptions } from "../../host/host-options.ts";
import { refusalOf, unrecorded } from "../../host/refusal-content.ts";
import { registerTools } from "../../host/register-tools.ts";
import { isApproved } from "../../host/resumed-answer.ts";
import { toolSchema } from "../../host/tool-schema.ts";

/** What is looked at of a tool. Structural, so no host package is imported. */
interface ToolParts {
  readonly id?: unknown;
  readonly description?: string;
  readonly inputSchema?: unknown;
  readonly execute?: (input: unknown, context: ToolContext | undefined) => Promise<unknown>;
}

interface ToolContext {
  readonly abortSignal?: AbortSignal;
  readonly agent?: {
    readonly toolCallId?: string;
    readonly suspend?: (payload: object) => Promise<void>;
    readonly resumeData?: unknown;
  };
}

/** The call waits for a person: the host has been told, and will call the tool again. */
class Suspended extends Error {}

/**
 * Puts the gate around the tools of a Mastra agent. A refused call gives the denial as its result, which the model can
 * read. A call that policy wants a person to approve suspends, when `approvals` is given: the payload is `{ approval:
 * ApprovalRequest }`, and the run is resumed with `{ approved, actionHash }`, the hash being that of the request.
 *
 * @returns tools of the same names and types, to be used in their place.
 * @throws AdapterError `ADAPTER_TOOL_UNGOVERNED`, `ADAPTER_TOOL_NOT_VERIFIED`, `ADAPTER_HOST_UNKNOWN`.
 */
export async function guardTools<T extends Readonly<Record<string, object>>>(
  tools: T,
  options: HostOptions,
): Promise<T> {
  const checked = checkedOptions(options);
  const calls = new GuardedCalls(checked.gate, checked.approvals);
  const definitions: ToolDefinition[] = [];
  const guarded: [string, object][] = [];
  for (const [name, tool] of Object.entries(tools)) {
    const { description, inputSchema, execute } = tool as ToolParts;
    if (typeof execute !== "function")
      throw new AdapterError("ADAPTER_TOOL_UNGOVERNED", `'${name}' runs outside of this process`);
    definitions.push({
      name,
      inputSchema: await toolSchema(name, inputSchema, "output"),
      ...(description === undefined ? {} : { description }),
    });
    guarded.push([
      name,
      copyWith(tool, {
        execute: guardedExecute(
          { name, inputSchema, execute: execute.bind(tool) },
          { calls, options: checked },
        ),
      }),
    ]);
  }
  await registerTools(checked.gate, checked.toolbox, definitions);
  return Object.fromEntries(guarded) as T;
}

interface OwnTool {
  readonly name: string;
  readonly inputSchema: unknown;
  readonly execute: NonNullable<ToolParts["execute"]>;
}

function guardedExecute(
  { name, inputSchema, execute }: OwnTool,
  { calls, options }: { readonly calls: GuardedCalls; readonly options: HostOptions },
): NonNullable<ToolParts["execute"]> {
  return async (input, context) => {
    const id = context?.agent?.toolCallId ?? crypto.randomUUID();
    const given = await withDefaults(inputSchema, input);
    const request = callRequest(options, { id, tool: name, arguments: given, signal: context?.abortSignal });
    try {
      const result = await calls.run(
        request,
        async (call) => execute(call.arguments, withoutAnswer(context)),
        async (asked) => {
          const { suspend, resumeData } = context?.agent ?? {};
          if (resumeData !== undefined) return isApproved(asked, resumeData);
          if (typeof suspend !== "function") throw unknownHost("no suspend in the context of a tool call");
          await suspend({ approval: asked });
          throw new Suspended("waits for a person");
        },
      );
      return isDenied(result) ? refusalOf(result) : result.value;
    } catch (error) {
      if (error instanceof Suspended) return undefined;
      return unrecorded(error);
    }
  };
}

/**
 * What the schema makes of the input. The host has done so for a first call and not for one that is resumed; both must
 * come to the same, or no approval would ever fit. What does not fit the schema is left for the gate to refuse.
 */
async function withDefaults(schema: unknown, input: unknown): Promise<unknown> {
  const standard = (schema as Partial<StandardSchema> | undefined)?.["~standard"];
  if (typeof standard?.validate !== "function") return input;
  const result = await standard.validate(input);
  return result.issues === undefined ? result.value : input;
}

/** @see https://standardschema.dev */
interface StandardSchema {
  readonly "~standard": {
    validate(
      value: unknown,
    ):
      | { readonly value?: unknown; readonly issues?: unknown }
      | Promise<{ readonly value?: unknown; readonly issues?: unknown }>;
  };
}

/** The answer was to the gate: the tool itself asked nothing yet. */
function withoutAnswer(context: ToolContext | undefined): ToolContext | undefined {
  if (!isGateAnswer(context?.agent?.resumeData)) return context;
  const { resumeData: _, ...agent } = context?.agent ?? {};
  return { ...context, agent };
}

function isGateAnswer(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "approved" in answer && "actionHash" in answer;
}
