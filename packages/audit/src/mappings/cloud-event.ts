import type { JsonObject } from "@symbiont/kit";
import type { JournalRecord } from "../read/journal-records.ts";
import { textOf } from "./members.ts";

/**
 * A record as a CloudEvent 1.0 in JSON: `id` is its place, `source` its journal, `data` the whole record. The leaf hash
 * is the extension `auditleaf`.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export function toCloudEvent({ origin, sequence, leaf, record }: JournalRecord): JsonObject {
  return {
    specversion: "1.0",
    id: `${origin}#${sequence}`,
    source: encodeURI(origin),
    type: textOf(record["type"]),
    time: textOf(record["ts"]),
    datacontenttype: "application/json",
    auditleaf: leaf,
    data: record,
  };
}
