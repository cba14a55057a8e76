import { randomUUID } from "node:crypto";
import { tokenLogin, VaultClient, vaultStore } from "@symbiont/secrets/vault";
import { afterAll, beforeAll, describe, test } from "vitest";
import { secretStoreContract } from "../src/testing/secret-store-contract.ts";
import { noVault, VaultServer } from "./servers/vault-server.ts";

describe.skipIf(noVault !== "")(`a store over a real Vault${noVault}`, () => {
  let server: VaultServer;
  const clients: VaultClient[] = [];

  beforeAll(async () => {
    server = await VaultServer.start();
  }, 90_000);

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
  });

  const client = (): VaultClient => {
    const made = new VaultClient({
      address: server.address,
      login: tokenLogin(() => "dev-root-token"),
      deadlineMs: 60_000,
      requestTimeoutMs: 30_000,
    });
    clients.push(made);
    return made;
  };

  const open = async () => {
    const clock = { now: Date.now() };
    const options = { prefix: `contract/${randomUUID()}`, now: () => clock.now };
    return { store: vaultStore(client(), options), other: vaultStore(client(), options), clock };
  };

  for (const { name, run } of secretStoreContract(open)) test(name, run);
});
