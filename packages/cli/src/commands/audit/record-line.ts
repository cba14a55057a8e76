import type { JsonObject, JsonValue } from "@symbiont/kit";
import type { Line, Mark } from "../../program/terminal.ts";

const MARKS: ReadonlyMap<string, Mark> = new Map([
  ["success", "ok"],
  ["denied", "warn"],
  ["failure", "bad"],
]);

/** One record as one line. */
export function recordLine(record: JsonObject): Line {
  const { seq, ts, type, out, actor, act, res, err, pol } = record;
  const code = member(err, "code") || member(pol, "code");
  const words = [seq, ts, type, out, member(actor, "id"), act ?? "", member(res, "id"), code];
  const text = words
    .map((word) => (typeof word === "string" || typeof word === "number" ? String(word) : ""))
    .filter((word) => word !== "")
    .join("  ");
  return [MARKS.get(typeof out === "string" ? out : "") ?? "note", text];
}

function member(value: JsonValue | undefined, name: string): string {
  const found =
    typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject)[name] : "";
  return typeof found === "string" ? found : "";
}
