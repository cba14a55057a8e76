import { Validator } from "@cfworker/json-schema";
import { deepFreeze, parseJson } from "@symbiont/kit";
import { checkArguments, prepareSchema } from "@symbiont/policy/arguments";
import { Ajv } from "ajv";
import type { Bench } from "../../../scripts/bench/bench.ts";

const schema = {
  type: "object",
  properties: {
    path: { type: "string", maxLength: 4096 },
    mode: { enum: ["read", "write"] },
    depth: { type: "integer", minimum: 0, maximum: 5 },
    tags: { type: "array", items: { type: "string" }, maxItems: 10 },
  },
  required: ["path"],
  additionalProperties: false,
} as const;
const text = JSON.stringify({ path: "/srv/data/report.txt", mode: "read", depth: 2, tags: ["a", "b"] });
const prepared = prepareSchema(schema);
const compiled = new Ajv().compile(schema);

export const benches: readonly Bench[] = [
  {
    name: "check arguments, unseen schema",
    ours: () => checkArguments(text, schema),
    floor: () => JSON.parse(text),
    floorName: "JSON.parse",
    peer: () => new Validator(structuredClone(schema) as never).validate(JSON.parse(text)),
    peerName: "@cfworker/json-schema 4.1 alone, nothing checked but the schema",
  },
  {
    name: "check arguments, prepared schema",
    ours: () => checkArguments(text, prepared),
    floor: () => JSON.parse(text),
    floorName: "JSON.parse",
    peer: () => {
      const values = parseJson(text);
      return compiled(values) && deepFreeze(values);
    },
    peerName: "ajv 8 compiled, with the same strict parse and freeze around it",
    minPeerRatio: 0.77,
  },
];
