import type { JsonObject, ToolDefinition } from "@symbiont/kit";
import { readJson } from "../../program/read-input.ts";
import type { Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";

/** Reads tools: a list, `{ "tools": [...] }`, or a whole answer to `tools/list`. */
export async function readToolList(file: string, task: Task): Promise<readonly ToolDefinition[]> {
  const read = (await readJson(file, task)) as JsonObject | JsonObject[];
  const holder = Array.isArray(read) ? { tools: read } : ((read["result"] as JsonObject | undefined) ?? read);
  const { tools } = holder as { tools?: unknown };
  if (!Array.isArray(tools)) throw new UsageError(`${file} holds no list of tools`);
  for (const tool of tools as unknown[]) {
    const { name, inputSchema } = (tool ?? {}) as { name?: unknown; inputSchema?: unknown };
    if (typeof name !== "string" || typeof inputSchema !== "object" || inputSchema === null) {
      throw new UsageError(`${file} holds something that is no tool`);
    }
  }
  return tools as ToolDefinition[];
}
