import { type DecisionRequest, frozenCopy, type JsonObject, type JsonValue } from "@symbiont/kit";

/**
 * A request as the `input` of a Rego policy: `type` (`tool_call`, or the action), `tool_name`, `arguments`,
 * `principal`, `resource` and `context`.
 */
export function toOpaInput({ principal, action, resource, context }: DecisionRequest): JsonObject {
  const { args, ...facts } = context;
  const isTool = resource.kind === "tool";
  const input = {
    ...(isTool ? { type: "tool_call", tool_name: action } : { type: action }),
    ...(args === undefined ? {} : { arguments: args as JsonValue }),
    principal: {
      kind: principal.kind,
      id: principal.id,
      roles: principal.roles ?? [],
      attributes: principal.attributes ?? {},
    },
    resource: { kind: resource.kind, id: resource.id },
    context: facts as JsonObject,
  };
  return frozenCopy(input) as JsonObject;
}
