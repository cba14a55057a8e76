import type { ToolCallRequest } from "@symbiont/core";
import type { JsonObject } from "@symbiont/kit";
import type { HostOptions } from "./host-options.ts";

/** A call as the gate takes it. */
export function callRequest(
  { toolbox, session, credential, context }: HostOptions,
  call: {
    readonly id: string;
    readonly tool: string;
    /** The model's own text where the host has kept it. */
    readonly arguments: unknown;
    readonly signal?: AbortSignal | undefined;
  },
): ToolCallRequest {
  return {
    id: session === undefined ? call.id : `${session}/${call.id}`,
    server: toolbox,
    tool: call.tool,
    // What is no object is refused by the checker as what it is.
    arguments: isObject(call.arguments) ? call.arguments : textOf(call.arguments),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
    ...(credential === undefined ? {} : { credential }),
    ...(context === undefined ? {} : { context }),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "{}";
}
