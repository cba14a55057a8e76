import type { LocalKeyProvider } from "@symbiont/secrets";
import { type EnvKeyOptions, envKey } from "@symbiont/secrets/key-providers/env";
import type { KeyProviderSetup } from "@symbiont/secrets/testing";

const KEY = "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=";
const PASSPHRASE = "a walk through the wet grass";
const SHORT = "too short";

function without(name: string): LocalKeyProvider {
  delete process.env[name];
  return envKey(name);
}

function having(name: string, value: string, options?: EnvKeyOptions): LocalKeyProvider {
  process.env[name] = value;
  return envKey(name, options);
}

const taken = having("CONTRACT_TAKEN", PASSPHRASE, { unset: true });

export const setups: Readonly<Record<string, KeyProviderSetup>> = {
  "raw key": {
    type: "local",
    open: async () => having("CONTRACT_KEY", KEY),
    openMissing: async () => without("CONTRACT_MISSING"),
    openInvalid: async () => having("CONTRACT_INVALID", SHORT),
    secrets: [SHORT, KEY],
  },
  "passphrase that was taken out of the environment": {
    type: "local",
    open: async () => taken,
    openInvalid: async () => having("CONTRACT_INVALID", SHORT, { unset: true }),
    secrets: [SHORT, PASSPHRASE],
  },
};
