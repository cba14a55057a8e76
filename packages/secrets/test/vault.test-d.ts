import type { SecretBackend, SecretStore } from "@symbiont/secrets";
import {
  type VaultFetch,
  type VaultLogin,
  type VaultOptions,
  vaultBackend,
  vaultStore,
} from "@symbiont/secrets/vault";
import { expectTypeOf } from "vitest";

// The runtime's own fetch fits as it is.
expectTypeOf<typeof fetch>().toExtend<VaultFetch>();
expectTypeOf(vaultStore).returns.toEqualTypeOf<SecretStore>();
expectTypeOf(vaultBackend).returns.toEqualTypeOf<SecretBackend>();
expectTypeOf<VaultOptions["login"]>().toEqualTypeOf<VaultLogin>();
// @ts-expect-error a login is a choice that has no default
export const anonymous: VaultOptions = { address: "https://vault.example" };
