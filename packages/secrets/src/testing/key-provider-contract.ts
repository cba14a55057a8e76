import type { KeyProviderCase, KeyProviderSetup } from "./key-provider-setup.ts";
import { localKeyCases } from "./local-key-cases.ts";
import { wrappingKeyCases } from "./wrapping-key-cases.ts";

/**
 * Everything that a key provider promises, for any test runner:
 * `for (const { name, run } of keyProviderContract(setup)) test(name, run)`.
 */
export function keyProviderContract(setup: KeyProviderSetup): readonly KeyProviderCase[] {
  return setup.type === "local" ? localKeyCases(setup) : wrappingKeyCases(setup);
}
