import type { JsonObject } from "@symbiont/kit";
import type { JournalRecord } from "../read/journal-records.ts";
import { membersOf, textOf } from "./members.ts";

interface EventClass {
  readonly uid: number;
  readonly name: string;
  readonly category: number;
  readonly categoryName: string;
}

const API_ACTIVITY: EventClass = {
  uid: 6003,
  name: "API Activity",
  category: 6,
  categoryName: "Application Activity",
};
const ENTITY_MANAGEMENT: EventClass = {
  uid: 3004,
  name: "Entity Management",
  category: 3,
  categoryName: "Identity & Access Management",
};
const AUTHORIZE_SESSION: EventClass = { ...ENTITY_MANAGEMENT, uid: 3003, name: "Authorize Session" };
const CLASSES: readonly (readonly [RegExp, EventClass])[] = [
  [
    /^(?:api_?key|secret|policy)\.(?:create|import|rotate|revoke|write|reload|store_reload)$/,
    ENTITY_MANAGEMENT,
  ],
  [/^(?:api_?key\.verify|approval\.)/, AUTHORIZE_SESSION],
];
const OTHER_ACTIVITY = 99;
const SCHEMA_VERSION = "1.5.0";

/**
 * A record as an event of the Open Cybersecurity Schema Framework, with the profiles for security controls and record
 * integrity: leaf, chain and origin are one to one.
 * @see https://schema.ocsf.io
 */
export function toOcsfEvent({ origin, sequence, leaf, line, record }: JournalRecord): JsonObject {
  const { ts, type, out, actor, act, res, pol, err, prev } = record;
  const name = textOf(type);
  const {
    uid,
    name: className,
    category,
    categoryName,
  } = CLASSES.find(([pattern]) => pattern.test(name))?.[1] ?? API_ACTIVITY;
  const denied = out === "denied";
  const failed = out === "failure";
  const policy = membersOf(pol);
  return {
    activity_id: OTHER_ACTIVITY,
    activity_name: name,
    category_uid: category,
    category_name: categoryName,
    class_uid: uid,
    class_name: className,
    type_uid: uid * 100 + OTHER_ACTIVITY,
    time: Date.parse(textOf(ts)),
    severity_id: denied || failed ? 3 : 1,
    status_id: denied || failed ? 2 : out === "success" ? 1 : 0,
    action_id: denied ? 2 : out === "info" ? 3 : 1,
    disposition_id: denied ? 2 : failed ? 27 : 1,
    ...(err === undefined ? {} : { status_code: textOf(membersOf(err)["code"]) }),
    actor: { user: { uid: textOf(membersOf(actor)["id"]), type: textOf(membersOf(actor)["kind"]) } },
    api: { operation: textOf(act) || name },
    ...(res === undefined
      ? {}
      : { resources: [{ type: textOf(membersOf(res)["kind"]), uid: textOf(membersOf(res)["id"]) }] }),
    ...(pol === undefined
      ? {}
      : {
          authorizations: [
            {
              decision: textOf(policy["code"]),
              policy: { name: textOf(policy["engine"]), uid: textOf(policy["set"]) },
            },
          ],
        }),
    attestation: {
      uid: `${origin}#${sequence}`,
      chain_uid: origin,
      prev_event: textOf(prev),
      fingerprint: { algorithm_id: 3, algorithm: "SHA-256", value: leaf },
    },
    metadata: {
      version: SCHEMA_VERSION,
      uid: `${origin}#${sequence}`,
      sequence,
      product: { name: "@symbiont/audit", vendor_name: "Symbiont" },
      profiles: ["security_control", "record_integrity"],
    },
    raw_data: line,
  };
}
