import { callbackKey } from "@symbiont/secrets/key-providers/callback";
import type { KeyProviderSetup } from "@symbiont/secrets/testing";

const SHORT = "too short";

export const setups: Readonly<Record<string, KeyProviderSetup>> = {
  "raw key": {
    type: "local",
    open: async () =>
      callbackKey("kms:alias/agents", async () => Uint8Array.from({ length: 32 }, (_, index) => 200 - index)),
    openMissing: async () => callbackKey("kms:alias/agents", async () => undefined),
    openInvalid: async () => callbackKey("kms:alias/agents", async () => new TextEncoder().encode(SHORT)),
    openSilent: async () =>
      callbackKey("kms:alias/agents", () => new Promise(() => undefined), { timeoutMs: 20 }),
    secrets: [SHORT],
  },
  passphrase: {
    type: "local",
    open: async () =>
      callbackKey("prompt", async () => ({ kind: "passphrase", passphrase: "a walk through the wet grass" })),
    openInvalid: async () => callbackKey("prompt", async () => ({ kind: "passphrase", passphrase: SHORT })),
    secrets: [SHORT],
  },
};
