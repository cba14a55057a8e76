import { canonicalJson, parseJson } from "@symbiont/kit";
import canonicalizeModule from "canonicalize";
import secureJsonParse from "secure-json-parse";
import type { Bench } from "../../../scripts/bench/bench.ts";

// The package is CommonJS and its declarations do not say so.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

const tool = {
  name: "get_weather",
  title: "Weather",
  description: "Current weather for a place. Give a city or a pair of coordinates; units are metric.",
  inputSchema: {
    type: "object",
    properties: {
      place: { type: "string", description: "City name, or latitude and longitude" },
      days: { type: "integer", minimum: 1, maximum: 14, default: 3 },
      units: { type: "string", enum: ["metric", "imperial"] },
    },
    required: ["place"],
    additionalProperties: false,
  },
  outputSchema: {
    type: "object",
    properties: { tempC: { type: "number" }, wind: { type: "number" } },
    required: ["tempC"],
  },
  annotations: { readOnlyHint: true, openWorldHint: true },
};
const text = JSON.stringify(tool);

export const benches: readonly Bench[] = [
  {
    name: `canonical JSON, tool of ${text.length} B`,
    ours: () => canonicalJson(tool),
    floor: () => JSON.stringify(tool),
    floorName: "JSON.stringify (not canonical)",
    peer: () => canonicalize(tool),
    peerName: "canonicalize 2.1.0",
    maxFloorRatio: 2,
    minPeerRatio: 1.4,
  },
  {
    name: `strict parse, tool of ${text.length} B`,
    ours: () => parseJson(text),
    floor: () => JSON.parse(text) as unknown,
    floorName: "JSON.parse (accepts duplicates)",
    peer: () => secureJsonParse.parse(text) as unknown,
    peerName: "secure-json-parse 4",
    maxFloorRatio: 4,
  },
];
