import { canonicalJson, type DecisionRequest } from "@symbiont/kit";

/** As deep as arguments may be, and what is around them. */
const MAX_DEPTH = 72;

/**
 * A request as the `input` of a Rego policy, as JSON text: `type` (`tool_call`, or the action), `tool_name`,
 * `arguments`, `principal`, `resource` and `context`.
 *
 * Written canonically, because that refuses what JSON cannot say. `NaN` would become `null`, which Rego sorts below
 * every number.
 * @throws KitError for what is not plain data.
 */
export function toOpaInput({ principal, action, resource, context }: DecisionRequest): string {
  const { args, ...facts } = context;
  const isTool = resource.kind === "tool";
  const input = {
    ...(isTool ? { type: "tool_call", tool_name: action } : { type: action }),
    ...(args === undefined ? {} : { arguments: args }),
    principal: {
      kind: principal.kind,
      id: principal.id,
      roles: principal.roles ?? [],
      attributes: principal.attributes ?? {},
    },
    resource: { kind: resource.kind, id: resource.id },
    context: facts,
  };
  return canonicalJson(input, { maxDepth: MAX_DEPTH });
}
