import type { JsonObject, JsonValue } from "@symbiont/kit";
import { displayText } from "./hidden-characters.ts";

/** One difference between two definitions. */
export interface SchemaChange {
  readonly kind: "added" | "removed" | "changed";
  /** JSON pointer, fit to be shown. */
  readonly path: string;
  /** JSON texts, shortened and fit to be shown. */
  readonly before?: string;
  readonly after?: string;
}

const MAX_CHANGES = 200;
const MAX_SHOWN = 300;

/** What differs between two definitions, member by member, in the order of names; at most 200 changes. */
export function diffSchemas(before: JsonValue, after: JsonValue): readonly SchemaChange[] {
  const changes: SchemaChange[] = [];
  compare(before, after, "", changes);
  return changes;
}

function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
  changes: SchemaChange[],
): void {
  if (changes.length >= MAX_CHANGES || before === after) return;
  if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      compare(member(before, name), member(after, name), `${path}/${escaped(name)}`, changes);
    }
    return;
  }
  changes.push({
    kind: before === undefined ? "added" : after === undefined ? "removed" : "changed",
    path: displayText(path),
    ...(before === undefined ? {} : { before: shown(before) }),
    ...(after === undefined ? {} : { after: shown(after) }),
  });
}

function isContainer(value: JsonValue | undefined): value is JsonObject | readonly JsonValue[] {
  return typeof value === "object" && value !== null;
}

function member(value: JsonObject | readonly JsonValue[], name: string): JsonValue | undefined {
  return Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function shown(value: JsonValue): string {
  return displayText(JSON.stringify(value), MAX_SHOWN);
}
