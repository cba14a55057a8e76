import type { Decision, JsonValue } from "@symbiont/kit";

const MAX_REASON_LENGTH = 500;

/** A deny that the policy is not the reason of. */
export function opaRefusal(code: string): Decision {
  const reason = code === "default" ? "no rule allows this" : "the policy could not be evaluated";
  return { effect: "deny", code, reason, rules: [], engine: "opa" };
}

/**
 * Reads what a Rego rule came to: `true`, or an object whose `allow` is `true`, allows; `false` denies; no value is
 * the default. Anything else is no answer, and denies.
 */
export function readOpaResult(result: JsonValue | undefined): Decision {
  if (result === undefined) return opaRefusal("default");
  if (typeof result === "boolean") return decision(result);
  if (typeof result !== "object" || result === null || Array.isArray(result))
    return opaRefusal("engine.protocol");
  const { allow, reason } = result as { readonly allow?: JsonValue; readonly reason?: JsonValue };
  if (typeof allow !== "boolean") return opaRefusal("engine.protocol");
  return decision(allow, typeof reason === "string" ? reason.slice(0, MAX_REASON_LENGTH) : undefined);
}

function decision(allow: boolean, reason?: string): Decision {
  const effect = allow ? "allow" : "deny";
  return {
    effect,
    code: `${effect}.policy`,
    reason: reason ?? (allow ? "allowed by policy" : "denied by policy"),
    rules: [],
    engine: "opa",
  };
}
