import { membersOf, textOf } from "../mappings/members.ts";
import type { JournalRecord } from "./journal-records.ts";

/** Which records are wanted; all that is given must fit. */
export interface JournalRecordFilter {
  /** A type, or an area as `secret.*`. */
  readonly type?: string;
  readonly outcome?: string;
  /** Id of who acted. */
  readonly actor?: string;
  readonly action?: string;
  /** Id of what was acted on. */
  readonly resource?: string;
  /** Epoch milliseconds, from and up to. */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** Whether a record is one of those that are wanted. */
export function recordMatches({ record }: JournalRecord, filter: JournalRecordFilter): boolean {
  const { type, outcome, actor, action, resource, fromMs = -Infinity, untilMs = Infinity } = filter;
  const time = Date.parse(textOf(record["ts"]));
  if (!(time >= fromMs && time < untilMs)) return false;
  if (type !== undefined && !isOfType(textOf(record["type"]), type)) return false;
  const wanted: readonly (readonly [string | undefined, unknown])[] = [
    [outcome, record["out"]],
    [actor, membersOf(record["actor"])["id"]],
    [action, record["act"]],
    [resource, membersOf(record["res"])["id"]],
  ];
  return wanted.every(([value, found]) => value === undefined || value === found);
}

function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith(".*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
