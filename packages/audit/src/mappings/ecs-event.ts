import type { JsonObject } from "@symbiont/kit";
import type { JournalRecord } from "../read/journal-records.ts";
import { membersOf, textOf } from "./members.ts";

const ECS_VERSION = "8.17.0";

/** Which `event.category` an area of records has; that of the others is what a process does. */
const CATEGORIES: readonly (readonly [RegExp, string])[] = [
  [/^(?:api_?key|secret)\./, "iam"],
  [/^(?:policy|approval|ratelimit|sandbox)\./, "configuration"],
  [/^(?:webhook|agent)\./, "api"],
  [/^journal\./, "host"],
];
const CHANGES = /\.(?:create|import|rotate|revoke|write|reload|store_reload|pruned|key)$/;

/**
 * A record as an event of the Elastic Common Schema. A denial is `event.type: denied`; `event.outcome` says whether the
 * thing itself succeeded, and is unknown for what was only attempted or told.
 * @see https://www.elastic.co/docs/reference/ecs
 */
export function toEcsEvent({ origin, sequence, leaf, line, record }: JournalRecord): JsonObject {
  const { ts, type, out, actor, act, res, pol, err, trace, prev } = record;
  const name = textOf(type);
  const { id: actorId, kind: actorKind } = membersOf(actor);
  const resource = membersOf(res);
  const { t: traceId, s: spanId } = membersOf(trace);
  const { engine, set, code } = membersOf(pol);
  const user = { id: textOf(actorId), roles: [textOf(actorKind)] };
  return {
    "@timestamp": textOf(ts),
    ecs: { version: ECS_VERSION },
    event: {
      kind: "event",
      category: [CATEGORIES.find(([pattern]) => pattern.test(name))?.[1] ?? "process"],
      type: [CHANGES.test(name) ? "change" : "access", ...decision(out)],
      outcome: out === "success" ? "success" : out === "failure" ? "failure" : "unknown",
      action: textOf(act) || name,
      code: name,
      id: `${origin}#${sequence}`,
      sequence,
      hash: leaf,
      original: line,
      module: "symbiont",
      dataset: "symbiont.audit",
    },
    user,
    ...(res === undefined
      ? {}
      : { service: { name: textOf(resource["id"]), type: textOf(resource["kind"]) } }),
    ...(pol === undefined
      ? {}
      : { rule: { name: textOf(code), ruleset: textOf(engine), version: textOf(set) } }),
    ...(err === undefined
      ? {}
      : { error: { type: textOf(membersOf(err)["name"]), code: textOf(membersOf(err)["code"]) } }),
    ...(trace === undefined ? {} : { trace: { id: textOf(traceId) }, span: { id: textOf(spanId) } }),
    labels: { audit_origin: origin, audit_previous: textOf(prev) },
  };
}

function decision(out: unknown): readonly string[] {
  if (out === "denied") return ["denied"];
  return out === "attempt" || out === "success" ? ["allowed"] : [];
}
