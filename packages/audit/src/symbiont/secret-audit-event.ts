import type { AuditRecord, JsonObject } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { membersOf, textOf } from "../mappings/members.ts";
import type { JournalRecord } from "../read/journal-records.ts";

const OUTCOMES: ReadonlySet<unknown> = new Set(["attempt", "success", "failure"]);
/** Symbiont's operations and our types of records. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["get_secret", "secret.read"],
  ["get_secret_field", "secret.read"],
  ["list_secrets", "secret.list"],
]);
const DEFAULT_OPERATIONS: ReadonlyMap<string, string> = new Map([
  ["secret.read", "get_secret"],
  ["secret.list", "list_secrets"],
]);

/**
 * A `SecretAuditEvent` of Symbiont as a record. Its `error_message`, which may hold anything, is left out unless it is
 * allowed.
 * @throws AuditError `AUDIT_RECORD_INVALID`
 */
export function fromSecretAuditEvent(
  event: JsonObject,
  { errorMessages = false }: { readonly errorMessages?: boolean } = {},
): AuditRecord {
  const { agent_id: agent, operation, outcome, secret_key: key, error_message: message, metadata } = event;
  if (typeof agent !== "string" || typeof operation !== "string" || !OUTCOMES.has(outcome))
    throw new AuditError(
      "AUDIT_RECORD_INVALID",
      "a secret audit event has an agent, an operation and an outcome",
    );
  const data: JsonObject = {
    ...(typeof event["timestamp"] === "string" ? { timestamp: event["timestamp"] } : {}),
    ...(metadata === undefined || metadata === null ? {} : { metadata }),
    ...(errorMessages && typeof message === "string" ? { error_message: message } : {}),
  };
  return {
    type: TYPES.get(operation) ?? "secret.other",
    outcome: outcome as "attempt" | "success" | "failure",
    actor: { kind: "agent", id: agent },
    action: operation,
    ...(typeof key === "string" ? { resource: { kind: "secret", id: key } } : {}),
    ...(outcome === "failure" ? { error: { name: "SecretError", code: "SECRET_FAILED" } } : {}),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

/**
 * A record `secret.*` as a line of Symbiont's secret audit log, without its newline, for dashboards that read those;
 * undefined for every other record, and for outcomes that Symbiont has no word for.
 */
export function toSecretAuditLine({ record }: JournalRecord): string | undefined {
  const { ts, type, out, actor, act, res, err, data } = record;
  const name = textOf(type);
  const outcome = out === "denied" ? "failure" : out;
  if (!name.startsWith("secret.") || !OUTCOMES.has(outcome)) return undefined;
  const { timestamp, metadata, error_message: message } = membersOf(data);
  // The order of the members is Symbiont's.
  return JSON.stringify({
    timestamp: timestamp ?? ts ?? "",
    agent_id: textOf(membersOf(actor)["id"]),
    operation: textOf(act) || (DEFAULT_OPERATIONS.get(name) ?? name),
    secret_key: membersOf(res)["id"] ?? null,
    outcome,
    error_message: outcome === "failure" ? (message ?? membersOf(err)["code"] ?? null) : null,
    metadata: metadata ?? null,
  });
}
