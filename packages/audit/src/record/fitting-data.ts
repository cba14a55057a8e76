import { sha256Hex } from "@symbiont/keys";
import { type DataTextOptions, dataText, truncated } from "./data-text.ts";
import { isPlain, namedMembers, omitted, quoteText, readMember, UNREADABLE } from "./plain-object.ts";

/** How much of a record's data is kept when all of it does not fit; see {@link fittingData}. */
export type DataForm = "whole" | "short strings" | "short members" | "digest";

/** The forms in the order in which they are tried. */
export const DATA_FORMS: readonly DataForm[] = ["whole", "short strings", "short members", "digest"];

/** Most units of the text in any form. */
const MOST_UNITS = 65_535;
/** Two levels less than a whole record may have: one for the record, one for what may have to stand around the data. */
const MAX_DEPTH = 62;
const LONG_STRING_UNITS = 1_024;
const LONG_MEMBER_UNITS = 512;
/** So few that, at three bytes each, there is room for everything else. */
const MEMBERS_UNITS = 12_000;
/** What is longer has no digest: nobody would want to wait for it. */
const DIGEST_UNITS = 1 << 20;

/**
 * The data of a record as the canonical JSON of an object: whole; with each string of more than 1,024 units replaced by
 * its length and digest; with each member that is still long replaced in that way; or nothing but that of it all.
 * @returns undefined when it does not fit in that form, which `digest` always does. What is no object stands in a member
 * `value`. Never throws.
 */
export function fittingData(data: unknown, form: DataForm): string | undefined {
  switch (form) {
    case "whole":
      return asObject(dataText(data, { maxUnits: MOST_UNITS, maxDepth: MAX_DEPTH }));
    case "short strings":
      return asObject(dataText(data, { maxUnits: MOST_UNITS, ...SHORT_STRINGS }));
    case "short members":
      return shortMembers(data);
    default:
      return asObject(digestOf(data));
  }
}

const SHORT_STRINGS: Omit<DataTextOptions, "maxUnits"> = {
  maxDepth: MAX_DEPTH,
  longUnits: LONG_STRING_UNITS,
  longText: (text) => truncated(text.length, sha256Hex(text)),
};

function asObject(text: string | undefined): string | undefined {
  return text === undefined || text.startsWith("{") ? text : `{"value":${text}}`;
}

function shortMembers(data: unknown): string | undefined {
  const parts: string[] = [];
  let units = 0;
  try {
    if (typeof data !== "object" || data === null || Array.isArray(data) || !isPlain(data)) return undefined;
    const names = Object.keys(data);
    if (names.length > MEMBERS_UNITS) return undefined;
    for (const { name, quoted } of namedMembers(names)) {
      const value = readMember(data, name);
      if (value === undefined) continue;
      const options = { ...SHORT_STRINGS, maxUnits: LONG_MEMBER_UNITS, maxDepth: MAX_DEPTH - 1 };
      const short = value === UNREADABLE ? omitted("unreadable") : dataText(value, options);
      const part = quoted + (short ?? digestOf(value));
      units += part.length + 1;
      if (units > MEMBERS_UNITS) return undefined;
      parts.push(part);
    }
  } catch {
    return undefined;
  }
  return `{${parts.join(",")}}`;
}

function digestOf(value: unknown): string {
  if (typeof value === "string") return truncated(value.length, sha256Hex(value));
  const text = dataText(value, { maxUnits: DIGEST_UNITS, maxDepth: MAX_DEPTH });
  return truncated(text?.length ?? DIGEST_UNITS, text === undefined ? undefined : sha256Hex(text));
}

/** Keeps the beginning of a text that is longer than so many units, and the length and digest of it all. */
export function shortText(text: string, mostUnits: number): string {
  if (text.length <= mostUnits) return quoteText(text);
  const head = text.slice(0, mostUnits).replace(/[\ud800-\udbff]$/, "");
  return quoteText(`${head}… [${text.length} units, sha256 ${sha256Hex(text)}]`);
}
