import type { JsonObject } from "@symbiont/kit";
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
  /** A tool, as `server/tool` or by its name alone. */
  readonly tool?: string;
  /** `"deny"` for what was denied, `"allow"` for what a policy let through. */
  readonly decision?: "allow" | "deny";
  /** Code of the error or of the policy's decision. */
  readonly code?: string;
  /** Text that stands anywhere in the record, exactly as it is written there. */
  readonly text?: string;
  /** Epoch milliseconds, from and up to. */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** Whether a record is one of those that are wanted. */
export function recordMatches({ record, line }: JournalRecord, filter: JournalRecordFilter): boolean {
  const { type, outcome, actor, action, resource, fromMs = -Infinity, untilMs = Infinity } = filter;
  const time = Date.parse(textOf(record["ts"]));
  if (!(time >= fromMs && time < untilMs)) return false;
  if (type !== undefined && !isOfType(textOf(record["type"]), type)) return false;
  if (filter.text !== undefined && !line.includes(JSON.stringify(filter.text).slice(1, -1))) return false;
  if (filter.tool !== undefined && !isOfTool(membersOf(record["res"]), filter.tool)) return false;
  if (filter.decision !== undefined && decisionOf(record) !== filter.decision) return false;
  const codes = [membersOf(record["err"])["code"], membersOf(record["pol"])["code"]];
  if (filter.code !== undefined && !codes.includes(filter.code)) return false;
  const wanted: readonly (readonly [string | undefined, unknown])[] = [
    [outcome, record["out"]],
    [actor, membersOf(record["actor"])["id"]],
    [action, record["act"]],
    [resource, membersOf(record["res"])["id"]],
  ];
  return wanted.every(([value, found]) => value === undefined || value === found);
}

function isOfTool({ kind, id }: JsonObject, wanted: string): boolean {
  if (kind !== "tool" || typeof id !== "string") return false;
  return id === wanted || id.slice(id.lastIndexOf("/") + 1) === wanted;
}

function decisionOf({ out, pol }: JsonObject): "allow" | "deny" | undefined {
  if (out === "denied") return "deny";
  return pol === undefined ? undefined : "allow";
}

function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith(".*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
