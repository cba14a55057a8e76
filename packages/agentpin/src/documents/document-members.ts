import { AgentPinError } from "../agentpin-error.ts";

/** The error for a discovery document that must not be used. */
export function invalidDocument(reason: string, what: string): AgentPinError {
  return new AgentPinError("AGENTPIN_DISCOVERY_INVALID", `discovery document is not valid: ${what}`, {
    reason,
    step: 3,
  });
}

/** An object's members. @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` */
export function membersOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalidDocument("schema", `${what} is not an object`);
}

/** A text of bounded length. @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` */
export function requiredText(value: unknown, what: string, maxLength: number): string {
  if (typeof value === "string" && value !== "" && value.length <= maxLength) return value;
  throw invalidDocument("schema", `${what} is not a text of 1 to ${maxLength} characters`);
}

/** The same for a member that may be absent; some implementations write `null` for that. */
export function optionalText(value: unknown, what: string, maxLength: number): string | undefined {
  return value === undefined || value === null ? undefined : requiredText(value, what, maxLength);
}

/** A list. @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` */
export function requiredList(value: unknown, what: string, maxLength: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= maxLength) return value;
  throw invalidDocument("schema", `${what} is not a list of at most ${maxLength}`);
}
