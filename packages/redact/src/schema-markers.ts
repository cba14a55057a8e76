import { nameList } from "./name-list.ts";

/** Which keywords mark a value as secret. */
export interface SchemaMarkers {
  /** A keyword marks unless its value is absent, `false` or `null`. */
  readonly keywords: readonly string[];
  /** Values of `format` that mark. */
  readonly formats: readonly string[];
}

const KEYWORDS = ["x-sensitive", "sensitive", "x-redact", "writeOnly"];
const FORMATS = ["password"];

/** @throws TypeError, RangeError naming a wrong option. */
export function readMarkers(options: {
  readonly markers?: readonly string[];
  readonly markedFormats?: readonly string[];
}): SchemaMarkers {
  return {
    keywords: nameList("markers", options.markers ?? KEYWORDS),
    formats: nameList("markedFormats", options.markedFormats ?? FORMATS),
  };
}

/** Whether a schema says of itself that its value is secret. */
export function isMarked(schema: Readonly<Record<string, unknown>>, markers: SchemaMarkers): boolean {
  for (const keyword of markers.keywords) {
    const value = schema[keyword];
    if (value !== undefined && value !== false && value !== null) return true;
  }
  return typeof schema["format"] === "string" && markers.formats.includes(schema["format"]);
}
