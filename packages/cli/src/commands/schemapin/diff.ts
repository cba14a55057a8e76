import type { JsonValue, ToolDefinition } from "@symbiont/kit";
import { diffSchemas } from "@symbiont/schemapin";
import type { Answer, Task } from "../../program/task.ts";
import type { Line } from "../../program/terminal.ts";
import { readToolList } from "./tool-list.ts";

/** `schemapin diff`. */
export async function diffTools(_: object, task: Task, before = "", after = ""): Promise<Answer> {
  const [old, now] = await Promise.all([readToolList(before, task), readToolList(after, task)]);
  const oldTools = byName(old);
  const newTools = byName(now);
  const names = [...new Set([...oldTools.keys(), ...newTools.keys()])].sort();
  const changes = names.flatMap((tool) => {
    const [one, other] = [oldTools.get(tool), newTools.get(tool)];
    if (one === undefined) return [{ tool, kind: "added", path: "" }];
    if (other === undefined) return [{ tool, kind: "removed", path: "" }];
    return diffSchemas(one, other).map((change) => ({ tool, ...change }));
  });
  const lines = changes.map((change): Line => {
    const { tool, kind, path } = change;
    const { before: was = "", after: is = "" } = change as { before?: string; after?: string };
    return [
      "warn",
      `${tool} ${kind} ${path} ${was === "" ? "" : `was ${was}`} ${is === "" ? "" : `is ${is}`}`.trim(),
    ];
  });
  return {
    data: changes as unknown as JsonValue,
    lines: lines.length === 0 ? [["ok", "nothing changed"]] : lines,
    no: changes.length > 0,
  };
}

function byName(tools: readonly ToolDefinition[]): ReadonlyMap<string, JsonValue> {
  return new Map(tools.map((tool) => [tool.name, tool as unknown as JsonValue]));
}
