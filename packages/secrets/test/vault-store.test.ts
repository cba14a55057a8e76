import { randomUUID } from "node:crypto";
import { tokenLogin, VaultClient, type VaultOptions, vaultStore } from "@symbiont/secrets/vault";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type SecretStoreFixture, secretStoreContract } from "../src/testing/secret-store-contract.ts";
import { FakeVault } from "./servers/fake-vault.ts";
import { noVault, ROOT_TOKEN, VaultServer } from "./servers/vault-server.ts";

// A machine under load must not look like a server that is down.
const PATIENT = { deadlineMs: 60_000, requestTimeoutMs: 30_000 };

function fixture(options: Pick<VaultOptions, "address" | "login">, made: VaultClient[]): SecretStoreFixture {
  const clock = { now: Date.now() };
  const place = { prefix: `contract/${randomUUID()}`, now: () => clock.now };
  const open = (): SecretStoreFixture["store"] => {
    const client = new VaultClient({ ...options, ...PATIENT });
    made.push(client);
    return vaultStore(client, place);
  };
  return { store: open(), other: open(), clock };
}

describe("a store over the protocol server", () => {
  let server: FakeVault;
  const clients: VaultClient[] = [];

  beforeAll(async () => {
    server = await FakeVault.start();
    server.tokens.issue("t", 0);
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
  });

  const open = async (): Promise<SecretStoreFixture> => {
    server.kv.entries.clear();
    return fixture({ address: server.address, login: tokenLogin(() => "t") }, clients);
  };
  for (const { name, run } of secretStoreContract(open)) test(name, run);
});

describe.skipIf(noVault !== "")(`a store over a real server${noVault}`, () => {
  let server: VaultServer;
  const clients: VaultClient[] = [];

  beforeAll(async () => {
    server = await VaultServer.start();
  }, 90_000);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
  });

  const open = async (): Promise<SecretStoreFixture> =>
    fixture({ address: server.address, login: tokenLogin(() => ROOT_TOKEN) }, clients);
  for (const { name, run } of secretStoreContract(open)) test(name, run);
});
