import { memoryStore, type SecretStore } from "@symbiont/secrets";
import { secretStoreContract } from "@symbiont/secrets/testing";
import { describe, test } from "vitest";

describe("memory store", () => {
  const open = async (): Promise<{ store: SecretStore; other: SecretStore; clock: { now: number } }> => {
    const clock = { now: 1_800_000_000_000 };
    const store = memoryStore({ now: () => clock.now });
    return { store, other: store, clock };
  };
  for (const { name, run } of secretStoreContract(open)) test(name, run);
});
