import { createRequire } from "node:module";

/** An entity's name in Cedar's JSON form. */
export interface CedarEntityUid {
  readonly type: string;
  readonly id: string;
}

/** The part of `@cedar-policy/cedar-wasm` 4 that is used. */
export interface CedarModule {
  policySetTextToParts(text: string): unknown;
  policyToJson(policy: string): unknown;
  preparsePolicySet(id: string, policies: { staticPolicies: Record<string, string> }): unknown;
  preparseSchema(name: string, schema: string): unknown;
  validate(call: {
    validationSettings: { mode: "strict" };
    schema: string;
    policies: { staticPolicies: Record<string, string> };
  }): unknown;
  statefulIsAuthorized(call: object): unknown;
}

/**
 * Loads an instance of Cedar that nobody else uses: what one text did to it must not concern another, and policy
 * sets that were parsed in it cannot be removed.
 */
export function loadCedar(): CedarModule {
  const require = createRequire(import.meta.url);
  const path = require.resolve("@cedar-policy/cedar-wasm/nodejs");
  delete require.cache[path];
  try {
    return require(path) as CedarModule;
  } finally {
    delete require.cache[path]; // or the next who asks for it would get this one
  }
}
