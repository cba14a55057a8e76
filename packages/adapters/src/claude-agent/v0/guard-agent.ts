import type { Denial, ToolCallRequest } from "@symbiont/core";
import { canonicalJson, type ToolDefinition } from "@symbiont/kit";
import { unknownHost } from "../../adapter-error.ts";
import { callRequest } from "../../host/call-request.ts";
import { GuardedCalls } from "../../host/guarded-calls.ts";
import { checkedOptions, type HostOptions } from "../../host/host-options.ts";
import { refusalOf, unrecorded } from "../../host/refusal-content.ts";
import { registerTools } from "../../host/register-tools.ts";
import { RunningCalls } from "./running-calls.ts";

/** The answer of the host's person, and of a permission callback. */
export type PermissionAnswer =
  | { behavior: "allow"; updatedInput?: Record<string, unknown> }
  | { behavior: "deny"; message: string; interrupt?: boolean };

/** Asks a person, as the SDK's `canUseTool` does. */
export type AskPerson = (
  tool: string,
  input: Record<string, unknown>,
  options: { readonly toolUseID: string; readonly signal: AbortSignal },
) => Promise<PermissionAnswer>;

/** How an agent of the Claude Agent SDK is guarded. */
export interface GuardAgentOptions extends Omit<HostOptions, "session"> {
  /**
   * The tools that the agent may use, under the names the SDK gives them: `Bash`, `mcp__files__read`. A tool that is
   * not listed cannot be called. `anyArguments` makes definitions for those whose schema is the host's own affair.
   */
  readonly tools: readonly ToolDefinition[];
  /** Asks the person about calls that policy wants approved; required with `approvals`, and useless without. */
  readonly askPerson?: AskPerson;
  /** Seconds after which the host takes a hook for failed, which blocks the call. Default 300. */
  readonly hookTimeoutS?: number;
}

/** What goes into the options of `query`. */
export interface GuardedAgentOptions {
  readonly hooks: Readonly<Record<HookName, HookMatcher[]>>;
  readonly canUseTool?: AskPerson;
}

type HookName =
  | "PreToolUse"
  | "PostToolUse"
  | "PostToolUseFailure"
  | "PermissionDenied"
  | "Stop"
  | "SessionEnd";

/** One entry of the SDK's `hooks`. */
export interface HookMatcher {
  hooks: ((input: object) => Promise<object>)[];
  timeout: number;
  onFailure: "block";
}

interface ToolEvent {
  readonly session_id: string;
  readonly tool_name: string;
  readonly tool_input: unknown;
  readonly tool_use_id: string;
  readonly error?: string;
}

/** Definitions of tools by their names, with a schema that leaves the arguments to the host and to the policy. */
export function anyArguments(names: readonly string[]): ToolDefinition[] {
  return names.map((name) => ({ name, inputSchema: { type: "object" } }));
}

/**
 * Puts the gate around the tool calls of the Claude Agent SDK, its built-in tools included:
 * `query({ prompt, options: { ...own, ...(await guardAgent(…)) } })`.
 *
 * A refused call is denied with the denial as its reason. A call that is let through is still under the host's own
 * permission rules, which may refuse it. What the tool gives is withheld when its outcome cannot be recorded.
 *
 * @throws AdapterError `ADAPTER_TOOL_NOT_VERIFIED`; TypeError when `approvals` and `askPerson` do not come together.
 */
export async function guardAgent(options: GuardAgentOptions): Promise<GuardedAgentOptions> {
  if ((options.approvals === undefined) !== (options.askPerson === undefined))
    throw new TypeError("approvals and askPerson must be given together");
  const checked = checkedOptions({ ...options, session: "of the event" });
  await registerTools(checked.gate, checked.toolbox, options.tools);
  const agent = new GuardedAgent(checked);
  const on = (hook: (event: ToolEvent) => Promise<object>): HookMatcher[] => [
    {
      hooks: [async (event) => hook(event as ToolEvent)],
      timeout: options.hookTimeoutS ?? 300,
      onFailure: "block",
    },
  ];
  const { askPerson } = options;
  return {
    hooks: {
      PreToolUse: on((event) => agent.before(event)),
      PostToolUse: on((event) => agent.after(event)),
      PostToolUseFailure: on((event) => agent.after(event)),
      PermissionDenied: on((event) => agent.refusedByHost(event)),
      Stop: on((event) => agent.ended(event)),
      SessionEnd: on((event) => agent.ended(event)),
    },
    ...(askPerson === undefined
      ? {}
      : { canUseTool: async (tool, input, more) => agent.permission(askPerson, { tool, input, more }) }),
  };
}

interface JudgedCall {
  readonly session: string;
  readonly request: ToolCallRequest;
}

class GuardedAgent {
  readonly #options: GuardAgentOptions;
  readonly #calls: GuardedCalls;
  readonly #running: RunningCalls;
  /** Calls that were judged, until the host says what became of them. */
  readonly #requests = new Map<string, JudgedCall>();

  constructor(options: GuardAgentOptions) {
    this.#options = options;
    this.#calls = new GuardedCalls(options.gate, options.approvals);
    this.#running = new RunningCalls(this.#calls);
  }

  /** `PreToolUse`: judges the call. */
  async before(event: ToolEvent): Promise<object> {
    const { tool_use_id: id, tool_name: tool, tool_input: input, session_id: session } = event;
    if (typeof id !== "string" || typeof tool !== "string" || typeof session !== "string")
      throw unknownHost("a PreToolUse event without tool_use_id, tool_name or session_id");
    const request = callRequest({ ...this.#options, session }, { id, tool, arguments: input });
    if (this.#requests.has(id)) return decision("deny", "a call with this id is under way");
    this.#requests.set(id, { session, request });
    const question = this.#options.approvals === undefined ? undefined : await this.#calls.judge(request);
    if (question !== undefined) return decision("ask", "policy wants a person to approve this call");
    const denial = await this.#running.begin(id, request);
    if (denial === undefined) return {};
    this.#requests.delete(id);
    return decision("deny", reasonOf(denial));
  }

  /** `canUseTool`: the host's rules, or policy, want a person. */
  async permission(
    ask: AskPerson,
    { tool, input, more }: { tool: string; input: Record<string, unknown>; more: Parameters<AskPerson>[2] },
  ): Promise<PermissionAnswer> {
    const id = more.toolUseID;
    const request = this.#requests.get(id)?.request;
    if (request === undefined) return { behavior: "deny", message: "the call was not judged" };
    const answer = await ask(tool, input, more);
    if (answer.behavior !== "allow") {
      await this.#giveUp(id, request);
      return answer;
    }
    // A person who changes the arguments makes another call of it, which nobody has judged.
    if (!isSame(answer.updatedInput ?? input, request.arguments)) {
      await this.#giveUp(id, request);
      return { behavior: "deny", message: "the arguments were changed after the call was judged" };
    }
    if (this.#running.has(id)) return answer;
    const denial = await this.#running.begin(id, request);
    if (denial === undefined) return answer;
    this.#requests.delete(id);
    return { behavior: "deny", message: reasonOf(denial) };
  }

  /** `PostToolUse` and `PostToolUseFailure`: records the outcome. */
  async after(event: ToolEvent): Promise<object> {
    const { tool_use_id: id, tool_input: input, error } = event;
    const request = this.#requests.get(id)?.request;
    this.#requests.delete(id);
    if (request === undefined || !this.#running.has(id)) {
      await this.#calls.drop(request?.id ?? id);
      return withheld("the call ran without having been let through");
    }
    const changed = !isSame(input, request.arguments);
    const failure = changed ? "the host ran the call with other arguments" : error;
    try {
      await this.#running.end(id, failure === undefined ? undefined : new Error(failure));
      return changed ? withheld("the call ran with other arguments than those that were judged") : {};
    } catch (caught) {
      return withheld(JSON.stringify(unrecorded(caught)));
    }
  }

  /** `PermissionDenied`: the host's own rules refused what the gate let through. */
  async refusedByHost({ tool_use_id: id }: ToolEvent): Promise<object> {
    const request = this.#requests.get(id)?.request;
    if (request !== undefined) await this.#giveUp(id, request);
    return {};
  }

  /** `Stop`, `SessionEnd`: what of this conversation has not run by now never will. */
  async ended({ session_id: ended }: ToolEvent): Promise<object> {
    const calls = [...this.#requests].filter(([, { session }]) => session === ended);
    await Promise.all(calls.map(async ([id, { request }]) => this.#giveUp(id, request)));
    return {};
  }

  async #giveUp(id: string, request: ToolCallRequest): Promise<void> {
    this.#requests.delete(id);
    await this.#calls.drop(request.id);
    await this.#running.end(id, new Error("the host did not run the call"));
  }
}

function decision(permissionDecision: "deny" | "ask", permissionDecisionReason: string): object {
  return {
    hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision, permissionDecisionReason },
  };
}

function withheld(reason: string): object {
  return {
    decision: "block",
    reason,
    hookSpecificOutput: { hookEventName: "PostToolUse", updatedToolOutput: reason },
  };
}

function reasonOf(denial: Denial): string {
  return JSON.stringify(refusalOf(denial));
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    return canonicalJson(one) === canonicalJson(other);
  } catch {
    return false;
  }
}
