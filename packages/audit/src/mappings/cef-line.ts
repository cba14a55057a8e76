import type { JournalRecord } from "../read/journal-records.ts";
import { membersOf, textOf } from "./members.ts";

const SEVERITIES: ReadonlyMap<unknown, number> = new Map([
  ["denied", 7],
  ["failure", 6],
]);
const INFORMATIONAL = 3;

/**
 * A record in ArcSight's Common Event Format, one line without a newline. What stands in it is escaped: a record
 * cannot make a second event or another field.
 */
export function toCefLine({ origin, sequence, leaf, record }: JournalRecord): string {
  const { ts, type, out, actor, act, res, pol, err } = record;
  const name = textOf(type);
  const action = textOf(act) || name;
  const header = ["Symbiont", "audit", "1", name, action, String(SEVERITIES.get(out) ?? INFORMATIONAL)];
  const resource = membersOf(res);
  const fields: readonly (readonly [string, string])[] = [
    ["rt", String(Date.parse(textOf(ts)))],
    ["externalId", `${origin}#${sequence}`],
    ["outcome", textOf(out)],
    ["act", action],
    ["suser", textOf(membersOf(actor)["id"])],
    ["spriv", textOf(membersOf(actor)["kind"])],
    ["cs1Label", "resource"],
    ["cs1", res === undefined ? "" : `${textOf(resource["kind"])}/${textOf(resource["id"])}`],
    ["cs2Label", "policy"],
    ["cs2", textOf(membersOf(pol)["code"])],
    ["reason", textOf(membersOf(err)["code"])],
    ["fileHash", leaf],
  ];
  const given = new Map(fields.filter(([, value]) => value !== ""));
  // A label without its value says nothing.
  for (const label of ["cs1", "cs2"]) if (!given.has(label)) given.delete(`${label}Label`);
  const extension = [...given].map(([key, value]) => `${key}=${escapedValue(value)}`).join(" ");
  return `CEF:0|${header.map(escapedHeader).join("|")}|${extension}`;
}

function escapedHeader(text: string): string {
  return oneLine(text.replace(/[\\|]/g, "\\$&"), " ");
}

function escapedValue(text: string): string {
  return oneLine(text.replace(/[\\=]/g, "\\$&"), "\\n");
}

/** Line breaks as the format writes them; other control characters as blanks. */
function oneLine(text: string, lineBreak: string): string {
  return text.replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, lineBreak).replace(/\p{Cc}/gu, " ");
}
