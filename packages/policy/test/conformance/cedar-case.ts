import assert from "node:assert/strict";
import { CedarEngine, loadCedar } from "@symbiont/policy/cedar";

interface CedarCase {
  readonly policies: Readonly<Record<string, string>>;
  readonly request: {
    readonly action: string;
    readonly context?: Readonly<Record<string, unknown>>;
    readonly contextBuilder?: string;
  };
  readonly gate: { readonly decision: string; readonly code: string };
}

// A new instance for each case would compile four megabytes each time; none of the cases breaks it.
let shared: ReturnType<typeof loadCedar> | undefined;

export function checkCedarCase({ policies, request, gate }: CedarCase): void {
  const engine = new CedarEngine({
    policies: Object.entries(policies).map(([file, source]) => ({ file, source })),
    load: () => {
      shared ??= loadCedar();
      return shared;
    },
  });
  const { effect, code } = engine.decide({
    principal: { kind: "agent", id: "a-1" },
    action: request.action,
    resource: { kind: "none", id: "default" },
    context: request.contextBuilder === undefined ? (request.context ?? {}) : nested(request.contextBuilder),
  });
  assert.deepEqual({ decision: effect, code }, gate);
}

/** Reads `{"a": <integer wrapped in 128 arrays>}`. */
function nested(builder: string): Record<string, unknown> {
  const depth = Number(/wrapped in (\d+) arrays/.exec(builder)?.[1]);
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return { a: value };
}
