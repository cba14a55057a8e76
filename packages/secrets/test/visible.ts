import { inspect } from "node:util";

/** Everything that a log, a crash report or an API answer could be made from. */
export function visible(value: unknown): string {
  const parts: string[] = [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(value) ?? "",
  ];
  for (let error = value; error instanceof Error; error = error.cause)
    parts.push(error.message, String(error.stack));
  return parts.join("\n");
}
